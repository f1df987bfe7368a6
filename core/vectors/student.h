/* student: a small network between the static table and the deep encoder, distilled from all-MiniLM-L6-v2: token ids -> unit
 * vectors, in some twenty times the work of the static model. Its matrices lie in the program (model/student.safetensors) or in a
 * file of that form; model/student/README.md says how it was made.
 *
 * Each piece of the vocabulary has `width` columns of its own, in int8. A token's first row is what three matrices say of the
 * piece before it, itself, and the one behind it, added up and cut at zero; these products are made once for all pieces that
 * occur. A second layer sees the row and the mean of the text's rows. Sixteen pools, each with weights of its own over the
 * tokens (a softmax), carry its columns into one vector a text, which goes with the mean and the static model's vector through
 * a layer of `inner`, and is added to a linear map of the static vector.
 *
 * int8 everywhere, activations by row, products exact in integers, the rest one sequence of float operations: the same bits for
 * any number of threads and any instruction set. */
#ifndef EW_VECTORS_STUDENT_H
#define EW_VECTORS_STUDENT_H

#include "vectors.h"

/* Bytes of the built-in student. */
extern const char ew_builtin_student[], ew_builtin_student_end[];

enum { EW_STUDENT_LONGEST = 256 }; /* tokens of a text; what is beyond is cut off */

/* An ew_student is read-only after opening: shared by all threads. */

/* path NULL: the built-in one. Everything in a file is checked before use; what is not a student, or one made for another static
 * model than this, is EW_INPUT with the reason. `model` must be the built-in one and outlive the student. */
EW_MUST_CHECK ew_status ew_student_open(const char *path, const ew_model *model, ew_student **out, ew_error *err);
/* bytes must outlive the student */
EW_MUST_CHECK ew_status ew_student_parse(const char *name, const void *bytes, size_t n, const ew_model *model, ew_student **out,
                                         ew_error *err);
void ew_student_close(ew_student *student);
uint32_t ew_student_width(const ew_student *student);     /* columns of its vectors */
const char *ew_student_digest(const ew_student *student); /* 16 hex digits, of the file's bytes */

/* out float [n, width], unit length; zeros where a list has no piece that counts (pieces without a letter or digit, and [UNK], do
 * not). EW_USAGE for an id beyond the vocabulary. Memory: `hidden` bytes three times for every piece that occurs. `progress` as
 * for ew_deep_embed. One caller a pool. */
EW_MUST_CHECK ew_status ew_student_embed(const ew_student *student, const ew_token_lists *lists, ew_pool *pool,
                                         ew_progress_fn progress, void *progress_data, float *out, ew_error *err);

#endif
