/* What the two files of people's data share: pii.c (addresses, IBANs, the entry) and pii_numbers.c. */
#ifndef EW_TEXT_PII_H
#define EW_TEXT_PII_H

#include "text.h"

static inline int is_digit(char c) { return c >= '0' && c <= '9'; }
static inline int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline int is_alnum(char c) { return is_digit(c) || is_letter(c); }
static inline char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

/* Masks phone, card and account numbers; returns how many. */
uint32_t ew_text_mask_numbers(char *text, size_t n);

#endif
