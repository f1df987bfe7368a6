#include <stdio.h>

#include "../base/alloc.h"
#include "../base/hash.h"
#include "../base/utf8.h"
#include "inside.h"

enum { SLOTS = 4 * EW_NAMES_MAX };

/* Names by which a column is recognised, the surest first. Compared without case, blanks, '_' and '-'. A name belongs to
 * one column only. */
static const struct {
    const char *option;
    const char *names[64];
} known[EW_COLUMNS] = {
    [EW_COL_ID] = {"id", {"id", "comment_id", "ticket_id", "review_id", "feedback_id", "response_id", "message_id", "post_id",
                          "tweet_id", "issue_id", "case_id", "complaint_id", "conversation_id", "record_id", "row_id", "uuid",
                          "guid", "ticket_number", "case_number", "ticket_no", "ticket", "number", "key"}},
    [EW_COL_TEXT] = {"text", {"text", "body", "comment", "comments", "description", "review", "message", "content", "verbatim",
                              "feedback", "answer", "narrative", "review_text", "review_body", "review_content",
                              "comment_text", "comment_body", "customer_comment", "message_text", "message_body",
                              "ticket_text", "ticket_body", "ticket_description", "feedback_text", "text_body", "full_text",
                              "free_text", "open_text", "open_end", "verbatims", "response_text", "response", "complaint",
                              "complaint_text", "complaint_narrative", "consumer_complaint_narrative", "tweet", "post",
                              "utterance", "transcript", "opinion", "remarks", "remark", "notes", "note", "details",
                              "sentence", "document"}},
    [EW_COL_TITLE] = {"title", {"title", "subject", "summary", "headline", "review_title", "ticket_subject", "subject_line",
                                "heading"}},
    [EW_COL_TIME] = {"time", {"time", "date", "created", "created_at", "timestamp", "submitted", "submitted_at", "date_time",
                              "created_date", "created_time", "created_on", "creation_date", "creation_time", "date_created",
                              "review_date", "review_time", "comment_date", "ticket_date", "posted", "posted_at",
                              "posted_on", "post_date", "published", "published_at", "date_published", "submission_date",
                              "submission_time", "date_submitted", "received", "received_at", "date_received", "opened",
                              "opened_at", "reported_at", "response_date", "unix_review_time", "at", "day"}},
    [EW_COL_RATING] = {"rating", {"rating", "score", "stars", "nps", "star_rating", "review_rating", "overall_rating",
                                  "review_score", "nps_score", "csat", "csat_score", "ces", "satisfaction",
                                  "satisfaction_score", "satisfaction_rating", "overall", "grade"}},
    [EW_COL_PRODUCT] = {"product", {"product", "app", "item", "model", "product_name", "app_name", "item_name", "model_name",
                                    "product_id", "app_id", "item_id", "product_title", "sku", "asin", "service"}},
    [EW_COL_CUSTOMER] = {"customer", {"customer", "customer_id", "user", "user_id", "author", "account", "account_id",
                                      "client", "client_id", "customer_name", "user_name", "author_id", "author_name",
                                      "account_name", "reviewer", "reviewer_id", "reviewer_name", "respondent",
                                      "respondent_id", "requester", "requester_id", "contact_id", "member",
                                      "member_id"}},
    [EW_COL_SEGMENT] = {"segment", {"segment", "plan", "tier", "country", "region", "customer_segment", "user_segment",
                                    "customer_type", "user_type", "customer_tier", "cohort", "market", "subscription",
                                    "plan_name", "country_code", "industry"}},
    [EW_COL_SOURCE] = {"source", {"source", "channel", "data_source", "platform", "medium", "site"}},
    [EW_COL_LANG] = {"lang", {"lang", "language", "locale", "language_code", "lang_code", "review_language"}},
};

const char *ew_column_option(ew_column column) { return known[column].option; }

static bool ignored(char c) { return c == ' ' || c == '_' || c == '-' || c == '\t'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* text[0 .. n) against a known name. */
static bool alike(const char *text, size_t n, const char *name) {
    size_t i = 0;
    for (;; i++, name++) {
        while (i < n && ignored(text[i])) i++;
        while (*name == '_') name++;
        if (i == n || !*name) return i == n && !*name;
        if (lower(text[i]) != *name) return false;
    }
}

static void recognise(const ew_columns *columns, ew_name *name) {
    name->columns = 0;
    name->rank = EW_RANK_NONE;
    if (name->length == EW_NAME_LENGTH) return; /* it may have been cut */
    for (int c = 0; c < EW_COLUMNS; c++)
        if (columns->wanted[c] && *columns->wanted[c] && strcmp(columns->wanted[c], name->text) == 0 &&
            strlen(name->text) == name->length) {
            name->columns |= (uint16_t)(1u << c);
            name->rank = 0;
        }
    if (name->columns) return;
    for (int c = 0; c < EW_COLUMNS; c++) {
        if (columns->wanted[c]) continue;
        for (uint16_t i = 0; i < 64 && known[c].names[i]; i++) {
            if (!alike(name->text, name->length, known[c].names[i])) continue;
            name->columns = (uint16_t)(1u << c);
            name->rank = (uint16_t)(1 + 2 * i + (strcmp(name->text, known[c].names[i]) != 0)); /* as listed beats a variant */
            return;
        }
    }
}

ew_status ew_columns_open(ew_columns *columns, const char *const *wanted, ew_error *err) {
    *columns = (ew_columns){.wanted = wanted};
    columns->names = ew_calloc(EW_NAMES_MAX, sizeof *columns->names);
    columns->slots = ew_calloc(SLOTS, sizeof *columns->slots);
    if (!columns->names || !columns->slots) return ew_fail_memory(err, EW_NAMES_MAX * sizeof *columns->names, "column names");
    for (int c = 0; c < EW_COLUMNS; c++) {
        if (!wanted[c] || !*wanted[c]) continue;
        if (strlen(wanted[c]) >= EW_NAME_LENGTH)
            return ew_fail(err, EW_USAGE, "the name of the %s column is longer than %d bytes", known[c].option,
                           EW_NAME_LENGTH - 1);
        ew_name *name = ew_columns_name(columns, wanted[c], strlen(wanted[c]));
        if (!name) return ew_fail_memory(err, strlen(wanted[c]) + 1, "a column name");
        name->input = 0;
    }
    return EW_OK;
}

void ew_columns_close(ew_columns *columns) {
    for (uint32_t i = 0; i < columns->n; i++) ew_free(columns->names[i].text);
    ew_free(columns->passing.text);
    ew_free(columns->names);
    ew_free(columns->slots);
    *columns = (ew_columns){0};
}

static void forget(ew_columns *columns) {
    for (uint32_t i = 0; i < columns->n; i++) {
        ew_free(columns->names[i].text);
        columns->names[i] = (ew_name){0};
    }
    columns->n = 0;
    memset(columns->slots, 0, SLOTS * sizeof *columns->slots);
    memset(columns->expected, 0, sizeof columns->expected);
}

/* What a name looks like in JSON up to its closing quote, for a comparison without a loop. */
static void first_bytes(ew_name *name) {
    unsigned char have[16] = {0}, mask[16] = {0};
    if (name->length >= sizeof have) return;
    memcpy(have, name->text, name->length);
    have[name->length] = '"';
    memset(mask, 0xff, name->length + 1);
    memcpy(name->head, have, sizeof have);
    memcpy(name->mask, mask, sizeof mask);
}

bool ew_columns_note(ew_columns *columns, const ew_name *name) {
    ew_notes *notes = columns->notes;
    ew_note note = {(uint32_t)notes->text.length, name->length, *columns->tried};
    return ew_buffer_append(&notes->text, name->text, name->length, NULL) == EW_OK &&
           ew_buffer_append(&notes->list, &note, sizeof note, NULL) == EW_OK;
}

ew_name *ew_columns_name(ew_columns *columns, const char *text, size_t n) {
    if (n > EW_NAME_LENGTH) n = EW_NAME_LENGTH;
    uint32_t at = (uint32_t)ew_hash_keyed(text, n, 0x6e616d65) & (SLOTS - 1);
    for (; columns->slots[at]; at = (at + 1) & (SLOTS - 1)) {
        ew_name *name = &columns->names[columns->slots[at] - 1];
        if (name->length == n && memcmp(name->text, text, n) == 0) {
            return ew_columns_mark(columns, name) ? name : NULL;
        }
    }
    if (columns->notes && columns->n == EW_NAMES_MAX) { /* a worker keeps names to be quick, not to remember them */
        forget(columns);
        at = (uint32_t)ew_hash(text, n, 0x6e616d65) & (SLOTS - 1);
    }
    bool room = columns->n < EW_NAMES_MAX;
    ew_name *name = room ? &columns->names[columns->n] : &columns->passing;
    char *copy = ew_strndup(text, n);
    if (!copy) return NULL;
    ew_free(name->text);
    *name = (ew_name){.text = copy, .length = (uint32_t)n};
    recognise(columns, name);
    first_bytes(name);
    if (room) columns->slots[at] = (uint16_t)++columns->n;
    return ew_columns_mark(columns, name) ? name : NULL;
}

const ew_name *ew_columns_best(const ew_columns *columns, ew_column column) {
    const ew_name *best = NULL;
    for (uint32_t i = 0; i < columns->n; i++) {
        const ew_name *name = &columns->names[i];
        if (name->input && (name->columns >> column & 1) && (!best || name->rank < best->rank)) best = name;
    }
    return best;
}

bool ew_columns_seen(const ew_columns *columns, ew_column column) {
    for (uint32_t i = 0; i < columns->n; i++)
        if (columns->names[i].input == columns->input && (columns->names[i].columns >> column & 1)) return true;
    return false;
}

/* A name fit for a message: at most 40 bytes, whole and valid code points only. */
static size_t presentable(const ew_name *name, char out[48]) {
    size_t used = 0;
    for (size_t i = 0; i < name->length && used < 40;) {
        size_t length;
        if (ew_utf8_decode(name->text + i, name->length - i, &length) == EW_UTF8_BAD || (unsigned char)name->text[i] < 0x20)
            out[used++] = '?';
        else {
            memcpy(out + used, name->text + i, length);
            used += length;
        }
        i += length;
    }
    out[used] = 0;
    return used;
}

void ew_columns_list(const ew_columns *columns, uint32_t input, char *out, size_t size) {
    size_t used = 0, shown = 0, all = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < columns->n; i++) {
        const ew_name *name = &columns->names[i];
        if (!name->input || (input && name->input != input)) continue;
        char text[48];
        all++;
        if (used + presentable(name, text) + 32 > size) continue; /* room for this one and for the count of the rest */
        used += (size_t)snprintf(out + used, size - used, "%s'%s'", used ? ", " : "", text);
        shown++;
    }
    if (all == 0) snprintf(out, size, "nothing");
    if (all > shown) snprintf(out + used, size - used, " and %zu more", all - shown);
}
