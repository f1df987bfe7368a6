#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"

enum { SHOWN = 20, LONGEST = 400 };

/* The figures of table needs, in the order they are told. percent: shares are shown as such in text. */
static const struct figure {
    const char *column;
    int decimals, percent;
    const char *meaning;
} figures[] = {
    {"score", 3, 0, "its place in the ranking: higher comes first"},
    {"q", 3, 0, "the share of false needs to expect among all that look at least this strong"},
    {"significance", 2, 0,
     "-ln of the groups as strong that a structureless copy of this corpus is expected to hold; higher is further from chance"},
    {"stability", 2, 0, "how much of the group comes back when the tree is built in other ways; 1 is all of it"},
    {"fringe", 3, 0, "how far out it lies: 0 is the middle of the corpus, 1 its outermost comment"},
    {"list_score", 3, 0,
     "fringe, distance to the group around it and size in one figure: the order in which groups were looked at"},
    {"inside", 3, 0, "mean similarity of its comments to each other"},
    {"outside", 3, 0, "mean similarity to the ten nearest comments outside; the gap to the line above is what sets it apart"},
    {"expressed_share", 0, 1, "share of its comments that ask for something outright; the rest live with it"},
    {"quiet_share", 0, 1, "share of its comments that tell of a workaround, effort, resignation or worry"},
    {"top_customer", 0, 1, "largest share that comes from one customer; above half it cannot be confirmed"},
    {"top_day", 0, 1, "largest share that comes from one day; above half it cannot be confirmed"},
    {"top_source", 0, 1, "largest share that comes from one source; above half, and twice what is usual, it cannot be confirmed"},
    {"impact", 2, 0, "rating points against comparable comments (negative: these customers rate lower)"},
    {"impact_low", 2, 0, "lower end of that figure's 95 % interval"},
    {"impact_high", 2, 0, "upper end of it"},
};
enum { FIGURES = sizeof figures / sizeof figures[0], FIRST_FIGURE = 12,
       THEME = FIRST_FIGURE + FIGURES, TITLE, ALL_NEEDS, ALIKE, ALIKE_NAME, ALIKE_RANK };

/* What the terms of the score mean, by the names that table need_scores has. */
static const struct { const char *term, *meaning; } score_meanings[] = {
    {"fringe", "how far out it lies: value ^ weight"},
    {"apart", "height of the group around it above its own, in the tree: value ^ weight"},
    {"breadth",
     "distinct comments: weight x ln value; less of fewer than 8, and of more than a quarter of the largest group allowed"},
    {"tight", "how alike its comments are, 1 is enough: value ^ weight"},
    {"stable", "how much of it comes back in other trees: value ^ weight"},
    {"chance", "strength against the decoys, half at -5: 1 / (1 + e ^ -(value + 5))"},
    {"substance", "how long its comments are, over half of the usual, 1 is enough: value ^ weight"},
    {"quiet", "share that tells of a workaround, effort, resignation or worry, times fringe^3: 1 + weight x value"},
    {"cost", "rating points it costs at least: 1 + weight x value"},
    {"open",
     "1 less what its share that asks, denies, lacks or makes do falls short of 1.5 times that of others, over .4; over .86"
     " where decoys hold such groups"},
    {"own", "share of its comments that speak for themselves, copied wordings and one customer's counted once: value ^ weight"},
    {"held",
     "how much the words tell that its comments share, and 1.5 x quiet_share, over .75 of the median need's, 1 is enough"},
    {"language", "share of its comments in a main language, over .75 of the corpus' share, 1 is enough: value ^ weight"},
    {"displeased", "1 less the share of its comments that praise and leave nothing open, over .9, 1 is enough: value ^ weight"},
    {"new", "share of its comments that no need before it has, one more counted, over .6, 1 is enough: value ^ weight"},
    {"unlike", "1 less the similarity of its mean to that of the nearest need before it, over .4, 1 is enough: value ^ weight"},
};

static const char need_sql[] =
    "SELECT n.rank, n.id, n.name, n.tier, n.kind, n.size, n.families, n.customers, n.onset, n.alarm, n.emerging, n.condition,"
    " n.score, n.q, n.significance, n.stability, n.fringe, n.list_score, n.inside, n.outside, n.expressed_share, n.quiet_share,"
    " n.top_customer, n.top_day, n.top_source, n.impact, n.impact_low, n.impact_high, t.id, t.name, (SELECT count(*) FROM needs),"
    " a.id, a.name, a.rank FROM needs n LEFT JOIN themes t ON t.theme = n.theme LEFT JOIN needs a ON a.id = n.alike"
    " WHERE n.id = ? ORDER BY n.rank LIMIT 1";

static const char *tier_meaning(const char *tier) {
    if (strcmp(tier, "confirmed") == 0)
        return "confirmed: it passed the test against structureless copies, is stable, and many independent customers say it";
    if (strcmp(tier, "watch") == 0)
        return "watch: strong, but one condition of confirmed is not met; how many of these are false is not controlled";
    return "whisper: worth a look; nothing is claimed about it";
}

static const char *kind_meaning(const char *kind) {
    if (strcmp(kind, "latent") == 0) return "latent: these customers live with it and do not ask";
    if (strcmp(kind, "expressed") == 0) return "expressed: at least half of these comments ask for it";
    return "mixed: some ask for it, others live with it";
}

static void tell_figures(ew_talk *talk, const ew_query *row) {
    ew_put_raw(&talk->put, "\nfigures\n");
    for (int i = 0; i < FIGURES; i++) {
        double value = ew_query_value(row, FIRST_FIGURE + i);
        char text[40];
        if (isnan(value)) continue;
        if (figures[i].percent)
            snprintf(text, sizeof text, "%.0f %%", value * 100);
        else
            snprintf(text, sizeof text, "%.*f", figures[i].decimals, value);
        ew_talk_line(talk, "  %-15s %9s  %s", figures[i].column, text, figures[i].meaning);
    }
}

static void put_figures(ew_talk *talk, const ew_query *row) {
    ew_put *put = &talk->put;
    ew_put_key(put, "figures");
    ew_put_open(put, '[');
    for (int i = 0; i < FIGURES; i++) {
        ew_put_open(put, '{');
        ew_put_field_text(put, "figure", figures[i].column);
        ew_put_field_number(put, "value", ew_query_value(row, FIRST_FIGURE + i), 6);
        ew_put_field_text(put, "meaning", figures[i].meaning);
        ew_put_close(put, '}');
    }
    ew_put_close(put, ']');
}

static void head(ew_talk *talk, const ew_query *row) {
    const char *tier = ew_query_column(row, 3), *kind = ew_query_column(row, 4), *condition = ew_query_column(row, 11);
    const char *theme = ew_query_column(row, THEME), *onset = ew_query_column(row, 8),
               *alike = ew_query_column(row, ALIKE);
    if (talk->json) {
        static const char *const names[] = {"rank",     "id",        "name",  "tier",  "kind",     "size",
                                            "families", "customers", "onset", "alarm", "emerging", "condition"};
        ew_put_open(&talk->put, '{');
        for (int i = 0; i < FIRST_FIGURE; i++) {
            if (i == 10) {
                ew_put_key(&talk->put, names[i]);
                ew_put_flag(&talk->put, ew_query_whole(row, i) != 0);
            } else if (i == 0 || (i >= 5 && i <= 7)) {
                ew_put_field_count(&talk->put, names[i], (uint64_t)ew_query_whole(row, i));
            } else {
                ew_put_field_text(&talk->put, names[i], ew_query_column(row, i));
            }
        }
        ew_put_field_text(&talk->put, "theme", theme);
        ew_put_field_text(&talk->put, "alike", alike);
        put_figures(talk, row);
        return;
    }
    const char *name = ew_query_column(row, 2);
    ew_talk_line(talk, "need %s: %s", ew_query_column(row, 1), name ? name : "(no name)");
    ew_talk_line(talk, "  rank %lld of %lld; %lld comments in %lld families of %lld customers", (long long)ew_query_whole(row, 0),
                 (long long)ew_query_whole(row, ALL_NEEDS), (long long)ew_query_whole(row, 5), (long long)ew_query_whole(row, 6),
                 (long long)ew_query_whole(row, 7));
    ew_talk_line(talk, "  %s", tier_meaning(tier));
    if (condition)
        ew_talk_line(talk, "  kept from the next tier by: %s", condition);
    else
        ew_talk_line(talk, "  no condition keeps it from a higher tier");
    ew_talk_line(talk, "  %s", kind_meaning(kind));
    if (theme) {
        const char *title = ew_query_column(row, TITLE);
        ew_talk_line(talk, "  in or next to theme %s: %s", theme, title ? title : "");
    }
    if (alike) {
        const char *title = ew_query_column(row, ALIKE_NAME);
        ew_talk_line(talk, "  close to need %s, rank %lld: %s", alike, (long long)ew_query_whole(row, ALIKE_RANK),
                     title ? title : "(no name)");
    }
    if (onset) ew_talk_line(talk, "  since %s%s", onset, ew_query_whole(row, 10) ? ", and growing faster than the corpus" : "");
    tell_figures(talk, row);
}

/* How the score comes about: score = P / (1 + P), P the product of the factors. */
static void score_terms(ew_talk *talk, int64_t rank, double score) {
    ew_query row = ew_db_query(talk->db, "SELECT term, value, weight, factor FROM need_scores WHERE need = ? ORDER BY place");
    ew_query_integer(&row, rank);
    double product = 1;
    if (talk->json) {
        ew_put_key(&talk->put, "score_terms");
        ew_put_open(&talk->put, '[');
    } else {
        ew_put_raw(&talk->put, "\n");
        ew_talk_line(talk, "score, term by term");
    }
    while (ew_query_next(&row)) {
        const char *term = ew_query_column(&row, 0);
        double value = ew_query_value(&row, 1), weight = ew_query_value(&row, 2), factor = ew_query_value(&row, 3);
        const char *meaning = "";
        for (size_t i = 0; term && i < sizeof score_meanings / sizeof score_meanings[0]; i++)
            if (strcmp(score_meanings[i].term, term) == 0) meaning = score_meanings[i].meaning;
        product *= factor;
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "term", term);
            ew_put_field_number(&talk->put, "value", value, 4);
            ew_put_field_number(&talk->put, "weight", weight, 2);
            ew_put_field_number(&talk->put, "factor", factor, 4);
            ew_put_field_text(&talk->put, "meaning", meaning);
            ew_put_close(&talk->put, '}');
        } else {
            char known[32] = "not known";
            if (!isnan(value)) snprintf(known, sizeof known, "%.3f, weight %g", value, weight);
            ew_talk_line(talk, "  %s %s: x %.3f  %s", term ? term : "", known, factor, meaning);
        }
    }
    ew_query_end(&row);
    if (talk->json)
        ew_put_close(&talk->put, ']');
    else
        ew_talk_line(talk, "  together P = %.3f; the score is P / (1 + P) = %.3f", product, score);
}

/* Words, products, competitors; segments. */
static void surroundings(ew_talk *talk, int64_t rank) {
    static const char *const kinds[] = {"word", "product", "competitor"};
    static const char *const names[] = {"words", "products", "competitors"};
    ew_query terms = ew_db_query(talk->db, "SELECT text FROM terms WHERE need = ? AND kind = ? ORDER BY term");
    for (int k = 0; k < 3; k++) {
        int n = 0;
        ew_query_integer(&terms, rank);
        ew_query_text(&terms, kinds[k]);
        if (talk->json) {
            ew_put_key(&talk->put, names[k]);
            ew_put_open(&talk->put, '[');
        }
        while (ew_query_next(&terms)) {
            const char *text = ew_query_column(&terms, 0);
            if (talk->json) {
                ew_put_text(&talk->put, text);
            } else {
                if (!n) ew_put_raw(&talk->put, "\n");
                if (!n) ew_put_raw(&talk->put, names[k]);
                ew_put_raw(&talk->put, n++ ? ", " : ": ");
                ew_talk_words(talk, text, LONGEST);
            }
        }
        ew_query_reset(&terms);
        if (talk->json)
            ew_put_close(&talk->put, ']');
        else if (n)
            ew_put_raw(&talk->put, "\n");
    }
    ew_query_end(&terms);
    if (talk->json) {
        ew_put_key(&talk->put, "segments");
        ew_put_open(&talk->put, '[');
    }
    ew_query segments = ew_db_query(talk->db, "SELECT segment, ratio, q FROM segments WHERE need = ? ORDER BY place");
    ew_query_integer(&segments, rank);
    while (ew_query_next(&segments)) {
        const char *name = ew_query_column(&segments, 0);
        double ratio = ew_query_value(&segments, 1), q = ew_query_value(&segments, 2);
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "segment", name);
            ew_put_field_number(&talk->put, "ratio", ratio, 4);
            ew_put_field_number(&talk->put, "q", q, 6);
            ew_put_close(&talk->put, '}');
        } else {
            ew_talk_line(talk, "segment '%s' says it %.1f times as often as the corpus (q %.3f)", name ? name : "", ratio, q);
        }
    }
    ew_query_end(&segments);
    if (talk->json) ew_put_close(&talk->put, ']');
}

/* Kinds of cues that it has more or less often than the rest of its theme. */
static void lifts(ew_talk *talk, int64_t rank) {
    ew_query row = ew_db_query(talk->db, "SELECT kind, n, share, rest, log_odds, z, q FROM need_cues WHERE need = ? AND q <= .10"
                                         " ORDER BY q, kind");
    ew_query_integer(&row, rank);
    if (talk->json) {
        ew_put_key(&talk->put, "cue_lift");
        ew_put_open(&talk->put, '{');
    }
    while (ew_query_next(&row)) {
        if (talk->json) {
            ew_put_key(&talk->put, ew_query_column(&row, 0));
            ew_put_open(&talk->put, '{');
            ew_put_field_count(&talk->put, "n", (uint64_t)ew_query_whole(&row, 1));
            ew_put_field_number(&talk->put, "share", ew_query_value(&row, 2), 4);
            ew_put_field_number(&talk->put, "rest", ew_query_value(&row, 3), 4);
            ew_put_field_number(&talk->put, "log_odds", ew_query_value(&row, 4), 4);
            ew_put_field_number(&talk->put, "z", ew_query_value(&row, 5), 4);
            ew_put_field_number(&talk->put, "q", ew_query_value(&row, 6), 6);
            ew_put_close(&talk->put, '}');
        } else {
            ew_talk_line(talk, "%s in %.0f %% of its comments, in %.0f %% of the rest of its theme (q %.3f)",
                         ew_query_column(&row, 0), ew_query_value(&row, 2) * 100, ew_query_value(&row, 3) * 100,
                         ew_query_value(&row, 6));
        }
    }
    ew_query_end(&row);
    if (talk->json) ew_put_close(&talk->put, '}');
}

static void verbatims(ew_talk *talk, int64_t rank) {
    ew_query row =
        ew_db_query(talk->db, "SELECT c.id, c.text, c.customer, date(c.time, 'unixepoch'), c.segment, m.place"
                              " FROM need_comments m JOIN comments c ON c.row = m.comment WHERE m.need = ? ORDER BY m.place");
    ew_query_integer(&row, rank);
    if (talk->json) {
        ew_put_key(&talk->put, "verbatims");
        ew_put_open(&talk->put, '[');
    } else {
        ew_put_raw(&talk->put, "\nverbatims, most central first\n");
    }
    int n = 0;
    for (; ew_query_next(&row); n++) {
        const char *customer = ew_query_column(&row, 2), *date = ew_query_column(&row, 3), *segment = ew_query_column(&row, 4);
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "id", ew_query_column(&row, 0));
            ew_put_field_text(&talk->put, "customer", customer);
            ew_put_field_text(&talk->put, "date", date);
            ew_put_field_text(&talk->put, "segment", segment);
            ew_put_field_text(&talk->put, "text", ew_query_column(&row, 1));
            ew_put_close(&talk->put, '}');
        } else if (n < SHOWN) {
            ew_talk_line(talk, "  [%s]%s%s%s%s", ew_query_column(&row, 0), date ? " " : "", date ? date : "", customer ? " " : "",
                         customer ? customer : "");
            ew_put_raw(&talk->put, "    ");
            ew_talk_words(talk, ew_query_column(&row, 1), LONGEST);
            ew_put_raw(&talk->put, "\n");
        }
    }
    ew_query_end(&row);
    if (talk->json)
        ew_put_close(&talk->put, ']');
    else if (n > SHOWN)
        ew_talk_line(talk, "  and %d more, listed in needs.jsonl", n - SHOWN);
}

int ew_explain_need(ew_talk *talk, const char *id) {
    ew_query row = ew_db_query(talk->db, need_sql);
    ew_query_text(&row, id);
    int known = ew_query_next(&row);
    if (known) {
        int64_t rank = ew_query_whole(&row, 0);
        head(talk, &row);
        ew_explain_verdict(talk, rank);
        score_terms(talk, rank, ew_query_value(&row, FIRST_FIGURE));
        surroundings(talk, rank);
        lifts(talk, rank);
        ew_explain_contrast(talk, rank);
        ew_explain_around(talk, rank);
        verbatims(talk, rank);
        if (talk->json) {
            ew_put_close(&talk->put, '}');
            ew_put_raw(&talk->put, "\n");
        }
    }
    ew_query_end(&row);
    return known;
}
