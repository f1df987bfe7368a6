#include "decoy_files.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "text/text.h"

enum { FRAME = 1 << 20, LEVEL = 3, MOST = 100 /* decoys of a run */ };

ew_status ew_decoy_files_begin(const ew_mining *m, ew_decoy_files *out, ew_error *err) {
    const ew_options *options = &m->run->options;
    *out = (ew_decoy_files){.m = m,
                            .folder = options->keep_decoys,
                            .text = EW_BUFFER_INIT(EW_BUFFER_ANY),
                            .lines = EW_BUFFER_INIT(EW_BUFFER_ANY),
                            .frame = EW_BUFFER_INIT(EW_BUFFER_ANY)};
    ew_status status = ew_make_folder(out->folder, err);
    if (status != EW_OK) return status;
    out->outputs = ew_calloc((size_t)options->decoys, sizeof *out->outputs);
    out->encoder = ZSTD_createCCtx();
    if (!out->outputs || !out->encoder) return ew_fail_memory(err, (size_t)options->decoys * sizeof *out->outputs, "decoys");
    return EW_OK;
}

static ew_status path_of(const ew_decoy_files *files, uint32_t number, char **out, ew_error *err) {
    size_t n = strlen(files->folder) + sizeof "/decoy-100.jsonl.zst";
    if (!(*out = ew_alloc(n, 1))) return ew_fail_memory(err, n, "a file name");
    snprintf(*out, n, "%s/decoy-%02u.jsonl.zst", files->folder, number % 1000);
    return EW_OK;
}

/* What has been gathered, as a zstd frame of its own. */
static ew_status write_frame(ew_decoy_files *files, ew_output *output, ew_error *err) {
    ew_buffer *lines = &files->lines, *frame = &files->frame;
    size_t bound = ZSTD_compressBound(lines->length);
    ew_status status;
    ew_buffer_clear(frame);
    EW_TRY(ew_buffer_reserve(frame, bound, err));
    size_t size = ZSTD_compressCCtx(files->encoder, frame->data, bound, lines->data, lines->length, LEVEL);
    if (ZSTD_isError(size)) return ew_fail(err, EW_RESOURCE, "zstd cannot compress: %s", ZSTD_getErrorName(size));
    EW_TRY(ew_output_write(output, frame->data, size, err));
    ew_buffer_clear(lines);
done:
    return status;
}

/* Tokens as words: pieces of a word stick to the one before, whatever that is now. */
static ew_status read_out(const ew_decoy_files *files, const uint32_t *ids, uint64_t n, ew_buffer *out, ew_error *err) {
    const ew_tokenizer *tokenizer = files->m->tokenizer;
    ew_status status = EW_OK;
    ew_buffer_clear(out);
    for (uint64_t i = 0; i < n; i++) {
        const char *part = ew_tokenizer_part(tokenizer, ids[i]);
        if (out->length && !ew_tokenizer_continues(tokenizer, ids[i])) EW_TRY(ew_buffer_append(out, " ", 1, err));
        EW_TRY(ew_buffer_append(out, part, strlen(part), err));
    }
    if (!files->m->run->options.keep_pii && out->length) ew_text_mask_pii(out->data, out->length); /* digits may meet anew */
done:
    return status;
}

static ew_status add_row(ew_decoy_files *files, const ew_decoy *decoy, uint32_t i, ew_error *err) {
    const ew_mining *m = files->m;
    ew_buffer *lines = &files->lines, *text = &files->text;
    uint32_t row = decoy->row ? decoy->row[i] : i;
    const char *id = ew_corpus_id(&m->run->corpus, ew_row_comment(m, row));
    uint64_t from = decoy->tokens.start[i], to = decoy->tokens.start[i + 1];
    ew_status status;
    EW_TRY(read_out(files, decoy->tokens.ids + from, to - from, text, err));
    EW_TRY(ew_buffer_append(lines, "{\"id\":", 6, err));
    EW_TRY(ew_json_string(lines, id, strlen(id), err));
    EW_TRY(ew_buffer_printf(lines, err, ",\"topic\":%u,\"text\":", decoy->topic[i]));
    EW_TRY(ew_json_string(lines, text->data ? text->data : "", text->length, err));
    EW_TRY(ew_buffer_append(lines, "}\n", 2, err));
done:
    return status;
}

ew_status ew_decoy_files_add(void *data, const ew_decoy *decoy, ew_error *err) {
    ew_decoy_files *files = data;
    char *path = NULL;
    ew_status status;
    EW_TRY(path_of(files, decoy->number + 1, &path, err));
    ew_output *output = &files->outputs[files->n++];
    EW_TRY(ew_output_open(output, path, err));
    for (uint32_t i = 0; i < decoy->tokens.n; i++) {
        EW_TRY(add_row(files, decoy, i, err));
        if (files->lines.length >= FRAME) EW_TRY(write_frame(files, output, err));
    }
    if (files->lines.length) EW_TRY(write_frame(files, output, err));
done:
    ew_free(path);
    return status;
}

ew_status ew_decoy_files_commit(ew_decoy_files *files, ew_error *err) {
    ew_status status = EW_OK;
    for (uint32_t i = 0; i < files->n; i++) EW_TRY(ew_output_commit(&files->outputs[i], err));
    for (uint32_t number = files->n + 1; number <= MOST; number++) {
        char *path;
        EW_TRY(path_of(files, number, &path, err));
        unlink(path);
        ew_free(path);
    }
done:
    return status;
}

void ew_decoy_files_end(ew_decoy_files *files) {
    for (uint32_t i = 0; i < files->n; i++) ew_output_abandon(&files->outputs[i]);
    ew_free(files->outputs);
    ZSTD_freeCCtx(files->encoder);
    ew_buffer_free(&files->text);
    ew_buffer_free(&files->lines);
    ew_buffer_free(&files->frame);
    *files = (ew_decoy_files){0};
}
