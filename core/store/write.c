/* A run -> edgewise.db. Written under a temporary name and renamed, in one order, with a fixed page size and no journal:
 * nothing half written is ever seen under the final name, and the same run gives the same bytes. */
#include "store.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../base/alloc.h"
#include "../base/output.h"
#include "../context/describe.h"
#include "../context/places.h"
#include "../context/put.h"
#include "../text/text.h"
#include "db.h"
#include "schema.h"

enum { NEAR = 5 };

static void add_run(ew_db *db, const ew_run *run) {
    ew_buffer text = EW_BUFFER_INIT(EW_BUFFER_ANY);
    if (db->status == EW_OK) db->status = ew_run_describe(run, &text, db->err);
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, run->options.seed);
    ew_query row = ew_db_query(db, "INSERT INTO runs VALUES (1, ?, ?, ?, ?, ?, ?, ?)");
    ew_query_text(&row, EW_VERSION);
    ew_query_text(&row, run->model_digest);
    ew_query_text(&row, run->encoder);
    ew_query_text(&row, seed);
    if (db->status == EW_OK) ew_query_bytes(&row, text.data, text.length);
    ew_query_number(&row, isfinite(run->threshold) ? run->threshold : NAN);
    ew_query_number(&row, run->far);
    ew_query_insert(&row);
    ew_query_end(&row);
    ew_buffer_free(&text);
}

/* need or theme: EW_NONE where it is the other. */
static void add_evidence(ew_query *row, const ew_run *run, uint32_t need, uint32_t theme, const char *kind, ew_span span) {
    ew_db *db = row->db;
    if (db->status != EW_OK) return;
    char *text;
    size_t n;
    db->status = ew_run_text(run, span.comment, span.start, span.end, &text, &n, db->err);
    if (db->status == EW_OK) {
        ew_query_index(row, need);
        ew_query_index(row, theme);
        ew_query_text(row, kind);
        ew_query_index(row, span.comment);
        ew_query_index(row, span.start);
        ew_query_index(row, span.end);
        ew_query_bytes(row, text, n);
        ew_query_insert(row);
    }
    ew_free(text);
}

static void add_terms(ew_query *row, uint32_t need, uint32_t theme, const char *kind, const char *const *terms, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        ew_query_index(row, need);
        ew_query_index(row, theme);
        ew_query_text(row, kind);
        ew_query_bytes(row, terms[i], strlen(terms[i]));
        ew_query_insert(row);
    }
}

static void add_themes(ew_db *db, const ew_run *run) {
    ew_query row = ew_db_query(db, "INSERT INTO themes VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->n_themes && db->status == EW_OK; i++) {
        const ew_theme *theme = &run->themes[i];
        ew_query_index(&row, i);
        ew_query_text(&row, theme->id);
        ew_query_index(&row, theme->parent);
        ew_query_index(&row, theme->level);
        ew_query_text(&row, theme->name);
        ew_query_integer(&row, theme->rest != 0);
        ew_query_index(&row, theme->size);
        ew_query_index(&row, theme->families);
        ew_query_index(&row, theme->customers);
        ew_query_number(&row, theme->share);
        ew_query_number(&row, theme->share_low);
        ew_query_number(&row, theme->share_high);
        ew_query_index(&row, theme->rated);
        ew_query_number(&row, theme->rating);
        ew_query_number(&row, theme->rating_low);
        ew_query_number(&row, theme->rating_high);
        for (int q = 0; q < 3; q++) ew_query_index(&row, theme->length[q]);
        ew_query_index(&row, theme->timed);
        ew_query_text(&row, theme->first);
        ew_query_text(&row, theme->last);
        ew_query_text(&row, theme->onset);
        ew_query_text(&row, theme->alarm);
        ew_query_integer(&row, theme->emerging != 0);
        ew_query_number(&row, theme->trend);
        ew_query_number(&row, theme->trend_low);
        ew_query_number(&row, theme->trend_high);
        ew_query_insert(&row);
    }
    ew_query_end(&row);
}

static void add_shares(ew_query *row, uint32_t theme, const char *kind, ew_shares shares) {
    for (uint32_t k = 0; k < shares.n; k++) {
        ew_query_index(row, theme);
        ew_query_text(row, kind);
        ew_query_index(row, k);
        ew_query_text(row, shares.of[k].name);
        ew_query_index(row, shares.of[k].comments);
        ew_query_number(row, shares.of[k].ratio);
        ew_query_insert(row);
    }
}

/* What has several rows a theme. Weeks without a voice are left out. */
static void add_theme_rows(ew_db *db, const ew_run *run) {
    int64_t from = ew_time_parse(run->weeks_from, strlen(run->weeks_from));
    ew_query week = ew_db_query(db, "INSERT INTO weeks VALUES (?,?,?)");
    for (uint32_t w = 0; w < run->n_weeks && db->status == EW_OK; w++) {
        char date[11];
        ew_time_date(from + (int64_t)w * 7 * 86400, date);
        ew_query_index(&week, w);
        ew_query_text(&week, date);
        ew_query_index(&week, run->weeks[w]);
        ew_query_insert(&week);
    }
    ew_query_end(&week);
    ew_query share = ew_db_query(db, "INSERT INTO theme_shares VALUES (?,?,?,?,?,?)");
    ew_query voices = ew_db_query(db, "INSERT INTO theme_weeks VALUES (?,?,?)");
    for (uint32_t i = 0; i < run->n_themes && db->status == EW_OK; i++) {
        const ew_theme *theme = &run->themes[i];
        add_shares(&share, i, "language", theme->languages);
        add_shares(&share, i, "product", theme->products);
        add_shares(&share, i, "segment", theme->segments);
        add_shares(&share, i, "source", theme->sources);
        for (uint32_t w = 0; w < theme->n_weeks; w++) {
            if (!theme->weeks[w]) continue;
            ew_query_index(&voices, i);
            ew_query_index(&voices, w);
            ew_query_index(&voices, theme->weeks[w]);
            ew_query_insert(&voices);
        }
    }
    ew_query_end(&share);
    ew_query_end(&voices);
}

static void add_needs(ew_db *db, const ew_run *run) {
    ew_query row =
        ew_db_query(db, "INSERT INTO needs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->n_needs && db->status == EW_OK; i++) {
        const ew_need *need = &run->needs[i];
        const ew_why *why = &need->why;
        ew_query_index(&row, i + 1);
        ew_query_text(&row, need->id);
        ew_query_text(&row, need->name);
        ew_query_text(&row, ew_tier_name(need->tier));
        ew_query_text(&row, ew_kind_name(need->kind));
        const double first[] = {need->score, need->q, need->stability, need->fringe};
        for (size_t k = 0; k < sizeof first / sizeof first[0]; k++) ew_query_number(&row, first[k]);
        ew_query_index(&row, need->size);
        ew_query_index(&row, need->families);
        ew_query_index(&row, need->customers);
        ew_query_index(&row, need->theme);
        ew_query_text(&row, need->onset);
        ew_query_text(&row, need->alarm);
        ew_query_integer(&row, need->emerging != 0);
        const double last[] = {need->impact,         need->impact_low, need->impact_high,     why->list_score,
                               why->significance,    why->inside,      why->outside,          why->expressed_share,
                               why->quiet_share,     why->top_customer, why->top_day,         why->top_source};
        for (size_t k = 0; k < sizeof last / sizeof last[0]; k++) ew_query_number(&row, last[k]);
        ew_query_text(&row, why->condition);
        ew_query_text(&row, need->alike);
        ew_query_insert(&row);
    }
    ew_query_end(&row);
}

static void add_families(ew_db *db, const ew_run *run) {
    static const char *const kinds[] = {"copy", "template", "campaign"};
    ew_query row = ew_db_query(db, "INSERT INTO families VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < run->families.n && db->status == EW_OK; i++) {
        ew_query_index(&row, i);
        ew_query_text(&row, run->family_ids[i]);
        ew_query_text(&row, kinds[run->families.kind[i] % 3]);
        ew_query_integer(&row, (int64_t)(run->families.start[i + 1] - run->families.start[i]));
        ew_query_insert(&row);
    }
    ew_query_end(&row);
}

/* The nearest comments as JSON: [{"id","similarity"}]. */
static void add_near(ew_query *row, const ew_run *run, uint32_t i, ew_buffer *text) {
    const ew_near *near = run->near ? run->near + (size_t)i * NEAR : NULL;
    if (!near || near[0].comment == EW_NONE) {
        ew_query_null(row);
        return;
    }
    ew_buffer_clear(text);
    ew_put put = {text, row->db->err, row->db->status};
    ew_put_open(&put, '[');
    for (int k = 0; k < NEAR && near[k].comment < run->corpus.n; k++) {
        ew_put_open(&put, '{');
        ew_put_field_text(&put, "id", ew_corpus_id(&run->corpus, near[k].comment));
        ew_put_field_number(&put, "similarity", (double)near[k].similarity, 4);
        ew_put_close(&put, '}');
    }
    ew_put_close(&put, ']');
    row->db->status = put.status;
    if (put.status == EW_OK) ew_query_bytes(row, text->data, text->length);
}

/* Ids of the nearest lie anywhere among the texts: they come while others are written. */
static void fetch_near(const ew_run *run, uint32_t i) {
    for (uint32_t k = 0; run->near && i < run->corpus.n && k < NEAR; k++) {
        uint32_t comment = run->near[(size_t)i * NEAR + k].comment;
        if (comment < run->corpus.n) __builtin_prefetch(ew_corpus_id(&run->corpus, comment));
    }
}

static void add_comment(ew_query *row, const ew_run *run, uint32_t i, ew_buffer *scratch, ew_buffer *others) {
    ew_db *db = row->db;
    ew_comment comment;
    ew_run_comment(run, i, &comment);
    ew_view text = ew_corpus_text(&run->corpus, i);
    ew_query_index(row, i);
    ew_query_bytes(row, comment.id, strlen(comment.id));
    if (run->options.keep_pii) {
        ew_query_bytes(row, text.data, text.length);
    } else {
        ew_buffer_clear(scratch);
        if (db->status == EW_OK) db->status = ew_buffer_append(scratch, text.data, text.length, db->err);
        if (db->status != EW_OK) return;
        ew_text_mask_pii(scratch->data, scratch->length);
        ew_query_bytes(row, scratch->data ? scratch->data : "", scratch->length);
    }
    if (comment.time == INT64_MIN)
        ew_query_null(row);
    else
        ew_query_integer(row, comment.time);
    ew_query_number(row, comment.rating);
    ew_query_text(row, comment.product);
    char customer[32];
    ew_query_text(row, ew_run_customer(run, i, customer));
    ew_query_text(row, comment.segment);
    ew_query_text(row, comment.source);
    ew_query_text(row, comment.lang);
    ew_query_index(row, comment.theme);
    ew_query_index(row, run->families.of ? run->families.of[i] : EW_NONE);
    ew_query_text(row, ew_noise_name(comment.noise));
    ew_query_number(row, comment.fringe);
    add_near(row, run, i, others);
    ew_query_insert(row);
}

static void add_comments(ew_db *db, const ew_run *run) {
    ew_buffer scratch = EW_BUFFER_INIT(EW_BUFFER_ANY), others = EW_BUFFER_INIT(EW_BUFFER_ANY);
    ew_query row = ew_db_query(db, "INSERT INTO comments VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->corpus.n && db->status == EW_OK; i++) {
        fetch_near(run, i + 1);
        add_comment(&row, run, i, &scratch, &others);
    }
    ew_query_end(&row);
    ew_buffer_free(&scratch);
    ew_buffer_free(&others);
}

/* Parts of comments, and the names of lines that were no part of any. */
static void add_parts(ew_db *db, const ew_run *run) {
    const struct ew_parts *parts = &run->parts;
    ew_query row = ew_db_query(db, "INSERT INTO parts VALUES (?,?,?,?,?)");
    for (uint32_t i = 0, place = 0; i < parts->n && db->status == EW_OK; i++) {
        place = i && parts->comment[i] == parts->comment[i - 1] ? place + 1 : 0;
        ew_query_index(&row, parts->comment[i]);
        ew_query_index(&row, place);
        ew_query_index(&row, parts->start[i]);
        ew_query_index(&row, parts->end[i]);
        ew_query_index(&row, parts->theme[i]);
        ew_query_insert(&row);
    }
    ew_query_end(&row);
    row = ew_db_query(db, "INSERT OR IGNORE INTO boilerplate VALUES (?)");
    for (uint64_t i = 0; run->places && i < run->places->n_lines && db->status == EW_OK; i++) {
        ew_query_integer(&row, (int64_t)run->places->lines[i]);
        ew_query_insert(&row);
    }
    ew_query_end(&row);
}

static void add_members(ew_db *db, const ew_run *run) {
    ew_query member = ew_db_query(db, "INSERT INTO need_comments VALUES (?,?,?)");
    ew_query segment = ew_db_query(db, "INSERT INTO segments VALUES (?,?,?,?,?)");
    ew_query cue = ew_db_query(db, "INSERT INTO need_cues VALUES (?,?,?,?,?,?,?,?)");
    ew_query score = ew_db_query(db, "INSERT INTO need_scores VALUES (?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->n_needs && db->status == EW_OK; i++) {
        const ew_need *need = &run->needs[i];
        for (uint32_t k = 0; k < need->size && db->status == EW_OK; k++) {
            ew_query_index(&member, i + 1);
            ew_query_index(&member, k);
            ew_query_index(&member, need->comments[k]);
            ew_query_insert(&member);
        }
        for (uint32_t k = 0; k < need->n_segments && db->status == EW_OK; k++) {
            ew_query_index(&segment, i + 1);
            ew_query_index(&segment, k);
            ew_query_text(&segment, need->segments[k].name);
            ew_query_number(&segment, need->segments[k].ratio);
            ew_query_number(&segment, need->segments[k].q);
            ew_query_insert(&segment);
        }
        for (int kind = 0; kind < EW_CUE_KINDS && db->status == EW_OK; kind++) {
            const ew_cue_lift *lift = &need->lift[kind];
            ew_query_index(&cue, i + 1);
            ew_query_text(&cue, ew_cue_name((ew_cue_kind)kind));
            ew_query_index(&cue, lift->n);
            ew_query_number(&cue, lift->share);
            ew_query_number(&cue, lift->rest);
            ew_query_number(&cue, lift->log_odds);
            ew_query_number(&cue, lift->z);
            ew_query_number(&cue, lift->q);
            ew_query_insert(&cue);
        }
        for (int term = 0; term < EW_SCORE_TERMS && db->status == EW_OK; term++) {
            ew_query_index(&score, i + 1);
            ew_query_index(&score, (uint32_t)term);
            ew_query_text(&score, ew_score_name((ew_score_term)term));
            ew_query_number(&score, need->parts[term].value);
            ew_query_number(&score, need->parts[term].weight);
            ew_query_number(&score, need->parts[term].factor);
            ew_query_insert(&score);
        }
    }
    ew_query_end(&member);
    ew_query_end(&segment);
    ew_query_end(&cue);
    ew_query_end(&score);
}

static void add_proofs(ew_db *db, const ew_run *run) {
    ew_query row = ew_db_query(db,
                               "INSERT INTO evidence (need, theme, kind, comment, start, \"end\", text) VALUES (?,?,?,?,?,?,?)");
    ew_query term = ew_db_query(db, "INSERT INTO terms (need, theme, kind, text) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < run->n_needs && db->status == EW_OK; i++) {
        const ew_need *need = &run->needs[i];
        for (uint32_t k = 0; k < need->n_exemplars; k++)
            add_evidence(&row, run, i + 1, EW_NONE, "exemplar", need->exemplars[k]);
        for (uint32_t k = 0; k < need->n_cues; k++) {
            const ew_cue *cue = &need->cues[k];
            add_evidence(&row, run, i + 1, EW_NONE, ew_cue_name(cue->kind), (ew_span){cue->comment, cue->start, cue->end});
        }
        add_terms(&term, i + 1, EW_NONE, "word", need->words, need->n_words);
        add_terms(&term, i + 1, EW_NONE, "product", need->products, need->n_products);
        add_terms(&term, i + 1, EW_NONE, "competitor", need->competitors, need->n_competitors);
    }
    for (uint32_t i = 0; i < run->n_themes && db->status == EW_OK; i++) {
        const ew_theme *theme = &run->themes[i];
        for (uint32_t k = 0; k < theme->n_exemplars; k++)
            add_evidence(&row, run, EW_NONE, i, "exemplar", theme->exemplars[k]);
        add_terms(&term, EW_NONE, i, "word", theme->words, theme->n_words);
    }
    ew_query_end(&row);
    ew_query_end(&term);
}

static void add_tables(ew_db *db, const ew_run *run) {
    ew_query row = ew_db_query(db, "INSERT INTO fdr VALUES (?,?,?,?,?)");
    for (uint32_t i = 0; i < run->n_fdr && db->status == EW_OK; i++) {
        ew_query_index(&row, i);
        ew_query_number(&row, run->fdr[i].threshold);
        ew_query_index(&row, run->fdr[i].real);
        ew_query_number(&row, run->fdr[i].decoys);
        ew_query_number(&row, run->fdr[i].fdr);
        ew_query_insert(&row);
    }
    ew_query_end(&row);
    row = ew_db_query(db, "INSERT INTO rejects VALUES (?,?)");
    for (uint32_t i = 0; i < run->corpus.rejects.kept && db->status == EW_OK; i++) {
        ew_query_index(&row, i);
        ew_query_text(&row, ew_run_reject(run, i));
        ew_query_insert(&row);
    }
    ew_query_end(&row);
}

ew_status ew_store_write(const ew_run *run, const char *path, ew_error *err) {
    ew_output output;
    ew_status status = ew_output_open(&output, path, err);
    if (status == EW_OK && !output.temporary)
        status = ew_fail(err, EW_USAGE, "cannot write a database to '%s': name an ordinary file", path);
    if (status == EW_OK) {
        ew_db db;
        char version[64];
        snprintf(version, sizeof version, "PRAGMA user_version=%d", EW_SCHEMA_VERSION);
        ew_db_open(&db, output.temporary, path, 1, err);
        ew_db_run(&db, "PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA auto_vacuum=NONE; PRAGMA journal_mode=OFF;"
                       "PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
                       "PRAGMA cache_size=-32768; PRAGMA foreign_keys=OFF; BEGIN;");
        ew_db_run(&db, version);
        ew_db_run(&db, ew_schema_tables);
        add_run(&db, run);
        add_themes(&db, run);
        add_theme_rows(&db, run);
        add_needs(&db, run);
        add_families(&db, run);
        add_comments(&db, run);
        add_parts(&db, run);
        add_members(&db, run);
        add_proofs(&db, run);
        add_tables(&db, run);
        ew_db_run(&db, ew_schema_indexes);
        ew_db_run(&db, "COMMIT");
        ew_db_close(&db);
        status = db.status;
    }
    if (status == EW_OK) status = ew_output_commit(&output, err);
    ew_output_abandon(&output);
    return status;
}
