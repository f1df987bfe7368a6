/* What would change the tier of a need: what each condition asks, what the need has, and how far that is. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../base/scalar.h"
#include "../needs/tiers.h"
#include "explain.h"

static const char verdict_sql[] =
    "SELECT n.tier, n.size, n.families, n.q, n.stability, n.significance, n.top_customer, n.top_day, n.top_source, r.threshold,"
    " (SELECT max(c) FROM (SELECT count(*) AS c FROM need_comments m JOIN comments o ON o.row = m.comment WHERE m.need = n.rank"
    " AND o.customer IS NOT NULL GROUP BY o.customer)), n.condition FROM needs n, runs r WHERE n.rank = ?";

static const char rivals_sql[] = "SELECT real, decoys FROM fdr WHERE threshold >= ? ORDER BY threshold LIMIT 1";

/* The source most of it comes from, and its share of the corpus. */
static const char source_sql[] =
    "SELECT s.source, (SELECT count(*) FROM comments c WHERE c.source = s.source) / (SELECT 1.0 + max(row) FROM comments) FROM"
    " (SELECT o.source AS source, count(*) AS c FROM need_comments m JOIN comments o ON o.row = m.comment WHERE m.need = ?"
    " AND o.source IS NOT NULL GROUP BY o.source ORDER BY c DESC, o.source LIMIT 1) s";

static void ask(ew_talk *talk, const char *figure, double value, double needed, int met, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* One condition of "confirmed", or with met -1 what the whole of it comes to. needed NaN: no number would do. */
static void ask(ew_talk *talk, const char *figure, double value, double needed, int met, const char *format, ...) {
    char words[480];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    if (!talk->json) {
        ew_talk_line(talk, "  %s: %s", met < 0 ? "so" : met ? "met" : "not met", words);
        return;
    }
    ew_put_open(&talk->put, '{');
    ew_put_field_text(&talk->put, "figure", figure);
    ew_put_field_number(&talk->put, "value", value, 6);
    ew_put_field_number(&talk->put, "needed", needed, 6);
    ew_put_key(&talk->put, "met");
    if (met < 0)
        ew_put_null(&talk->put);
    else
        ew_put_flag(&talk->put, met);
    ew_put_field_text(&talk->put, "words", words);
    ew_put_close(&talk->put, '}');
}

/* How many groups score `s` or more here and, the one that is always counted included, in a decoy; 0 where the table does
 * not say. */
static int rivals_at(ew_talk *talk, double s, double *real, double *decoys) {
    ew_query row = ew_db_query(talk->db, rivals_sql);
    ew_query_number(&row, s - 1e-6);
    int told = ew_query_next(&row);
    *real = told ? ew_query_value(&row, 0) : 0;
    *decoys = told ? ew_query_value(&row, 1) : 0;
    ew_query_end(&row);
    return told;
}

/* Beyond chance or not: the tail score against the one that ten in a hundred false discoveries ask for. */
static int ask_chance(ew_talk *talk, double s, double threshold) {
    enum { UNTESTED = -9 };
    double real, decoys;
    if (isnan(s)) {
        ask(talk, "significance", s, NAN, 0, "not tested: the run had no decoys (--decoys 0, or vectors of its own)");
        return 0;
    }
    if (s <= UNTESTED) {
        ask(talk, "significance", s, threshold, 0,
            "not tested: the decoys hold too few groups of its size, or the sample that was tested does not hold it");
        return 0;
    }
    char limit[80], rivals[160] = "";
    if (s >= threshold) { /* NaN compares false */
        if (rivals_at(talk, threshold, &real, &decoys))
            snprintf(rivals, sizeof rivals, ", which %.0f groups of this corpus reach and %.1f by chance", real, decoys);
        ask(talk, "significance", s, threshold, 1, "s = %.2f; confirmed from %.2f%s", s, threshold, rivals);
        return 1;
    }
    if (isnan(threshold))
        snprintf(limit, sizeof limit, "no score is enough in this run");
    else
        snprintf(limit, sizeof limit, "confirmed from %.2f", threshold);
    if (s < EW_TIER_STRONG)
        snprintf(rivals, sizeof rivals, ": a decoy holds about %.1f groups as strong", ew_exp(-s));
    else if (rivals_at(talk, s, &real, &decoys))
        snprintf(rivals, sizeof rivals,
                 ": too few groups as strong (%.0f in this corpus, %.1f by chance; there would have to be %.0f)", real, decoys,
                 ceil(decoys / EW_TIER_FDR - 1e-9));
    ask(talk, "significance", s, threshold, 0, "s = %.2f; %s%s", s, limit, rivals);
    return 0;
}

/* The largest share of one customer, day or source; of: comments or voices it is a share of. */
static void ask_share(ew_talk *talk, const char *figure, const char *what, double share, double most, double all,
                      const char *of) {
    if (isnan(share)) return; /* not known, or the same for the whole corpus: nothing is asked of it */
    double count = rint(share * all), more = ceil(count / most - 1e-9) - all;
    if (share > most)
        ask(talk, figure, share, most, 0, "%.0f of %.0f %s are from one %s; at most %.0f %%: %.0f more from others would do",
            count, all, of, what, most * 100, more);
    else
        ask(talk, figure, share, most, 1, "%.0f of %.0f %s are from one %s; at most %.0f %%", count, all, of, what, most * 100);
}

static void ask_source(ew_talk *talk, int64_t rank, double share, double families) {
    double most = EW_TIER_SHARE;
    if (share > most) { /* where most of the corpus is from one source, most needs are */
        ew_query row = ew_db_query(talk->db, source_sql);
        ew_query_integer(&row, rank);
        if (ew_query_next(&row) && EW_TIER_USUAL * ew_query_value(&row, 1) > most) most = EW_TIER_USUAL * ew_query_value(&row, 1);
        ew_query_end(&row);
    }
    ask_share(talk, "top_source", "source", share, most > 1 ? 1 : most, families, "voices");
}

/* Conditions of which no figure is kept. */
static void ask_beside_figures(ew_talk *talk, const char *condition) {
    static const char *const figures[] = {"wide", "copied"};
    for (size_t i = 0; condition && i < sizeof figures / sizeof *figures; i++)
        if (strncmp(condition, figures[i], strlen(figures[i])) == 0) ask(talk, figures[i], NAN, NAN, 0, "%s", condition);
}

static void conclude(ew_talk *talk, const char *tier, int significant, double s, double q) {
    if (strcmp(tier, "confirmed") == 0)
        ask(talk, "tier", NAN, NAN, -1, "it stays confirmed as long as all of this holds");
    else if (strcmp(tier, "watch") == 0 && significant)
        ask(talk, "tier", NAN, NAN, -1, "it would be confirmed if what is not met were");
    else if (strcmp(tier, "watch") == 0 && q <= EW_TIER_NEAR)
        ask(talk, "tier", q, EW_TIER_NEAR, -1, "watch for its q of %.3f (at most %.2f)", q, EW_TIER_NEAR);
    else if (strcmp(tier, "watch") == 0 && s < EW_TIER_STRONG)
        ask(talk, "tier", s, EW_TIER_STRONG, -1, "watch as it rises: a whisper if it did not");
    else if (strcmp(tier, "watch") == 0)
        ask(talk, "tier", s, EW_TIER_STRONG, -1, "watch for its score alone (from %.2f): a whisper below it", EW_TIER_STRONG);
    else if (isnan(s))
        ask(talk, "tier", NAN, NAN, -1, "a whisper, as nothing was tested");
    else
        ask(talk, "tier", q, EW_TIER_NEAR, -1, "watch from s = %.2f or q = %.2f; it has q = %.3f", EW_TIER_STRONG,
            EW_TIER_NEAR, q);
}

void ew_explain_verdict(ew_talk *talk, int64_t rank) {
    if (talk->json) {
        ew_put_key(&talk->put, "verdict");
        ew_put_open(&talk->put, '[');
    } else {
        ew_put_raw(&talk->put, "\nwhat would change the verdict: what confirmed asks for\n");
    }
    ew_query row = ew_db_query(talk->db, verdict_sql);
    ew_query_integer(&row, rank);
    if (ew_query_next(&row)) {
        double size = ew_query_value(&row, 1), families = ew_query_value(&row, 2), stability = ew_query_value(&row, 4);
        double customer = ew_query_value(&row, 6), comments = ew_query_value(&row, 10);
        int significant = ask_chance(talk, ew_query_value(&row, 5), ew_query_value(&row, 9));
        ask(talk, "stability", stability, EW_TIER_STABILITY, stability >= EW_TIER_STABILITY, "stability %.3f; %.2f needed",
            stability, EW_TIER_STABILITY);
        ask(talk, "families", families, EW_TIER_FAMILIES, families >= EW_TIER_FAMILIES,
            "%.0f independent comments (families); %d needed", families, EW_TIER_FAMILIES);
        int copies = fabs(comments / size - customer) < 1e-5; /* its share is of comments or of voices, whichever is larger */
        ask_share(talk, "top_customer", "customer", customer, EW_TIER_SHARE, copies ? size : families,
                  copies ? "comments" : "voices");
        ask_share(talk, "top_day", "day", ew_query_value(&row, 7), EW_TIER_SHARE, families, "voices");
        ask_source(talk, rank, ew_query_value(&row, 8), families);
        ask_beside_figures(talk, ew_query_column(&row, 11));
        conclude(talk, ew_query_column(&row, 0), significant, ew_query_value(&row, 5), ew_query_value(&row, 3));
    }
    ew_query_end(&row);
    if (talk->json) ew_put_close(&talk->put, ']');
}
