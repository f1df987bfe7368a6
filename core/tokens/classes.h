/* Kinds of characters as the reference tokenizer's normalisers, pre-tokenisers and regular expressions see them. */
#ifndef EW_TOKENS_CLASSES_H
#define EW_TOKENS_CLASSES_H

#include <stddef.h>
#include <stdint.h>

int ew_class_control(uint32_t point);       /* what cleaning takes out */
int ew_class_nonspacing(uint32_t point);    /* accents of BertNormalizer */
int ew_class_combining(uint32_t point);     /* accents of StripAccents */
int ew_class_late(uint32_t point);          /* newer than the reference's normal forms */
int ew_class_space(uint32_t point);         /* White_Space */
int ew_class_chinese(uint32_t point);       /* blocks that BertNormalizer sets apart; one of them (2b820) begins at 2b920 there */
int ew_class_word(uint32_t point);          /* \w: alphabetic, marks, decimal digits, connectors */
int ew_class_numeric(uint32_t point);       /* Nd, Nl, No */
uint32_t ew_class_category(uint32_t point); /* 1 << utf8proc's general category */
uint32_t ew_class_named(const char *name, size_t n); /* categories whose names begin so ("L", "Lu"), as that; 0: none */
/* Lower case, one or two characters; how many. */
int ew_class_lower(uint32_t point, uint32_t out[2]);

#endif
