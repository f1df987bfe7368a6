#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"

enum { LONGEST = 240 };

static const char comment_sql[] =
    "SELECT c.row, c.id, c.text, c.fringe, c.noise, t.id, t.name, t.size, f.id, f.size, f.kind, date(c.time, 'unixepoch'),"
    " c.rating, c.product, c.customer, c.segment, c.source, c.lang FROM comments c LEFT JOIN themes t ON t.theme = c.theme"
    " LEFT JOIN families f ON f.family = c.family WHERE c.id = ? ORDER BY c.row LIMIT 1";

static const char needs_sql[] = "SELECT n.id, n.name, n.tier, n.size, n.families, n.customers, n.q, n.stability FROM "
                                "need_comments m JOIN needs n ON n.rank = m.need WHERE m.comment = ?"
                                " ORDER BY n.rank";

static const char near_sql[] =
    "SELECT o.id, json_extract(j.value, '$.similarity'), o.text, t.name, (SELECT n.name FROM need_comments m JOIN needs n ON"
    " n.rank = m.need WHERE m.comment = o.row ORDER BY n.rank LIMIT 1), o.noise, o.theme IS NOT NULL AND o.theme = c.theme,"
    " EXISTS (SELECT 1 FROM need_comments a JOIN need_comments b ON b.need = a.need WHERE a.comment = o.row"
    " AND b.comment = c.row)"
    " FROM comments c, json_each(c.near) j JOIN comments o ON o.id = json_extract(j.value, '$.id') LEFT JOIN themes t ON"
    " t.theme = o.theme WHERE c.row = ? ORDER BY j.key";

static const char *noise_meaning(const char *noise) {
    static const struct {
        const char *noise, *meaning;
    } meanings[] = {
        {"empty", "it has no text"},
        {"too short", "it has too few words to say what it is about"},
        {"no content", "its words carry no subject of their own: greetings, thanks, praise or blame without a thing"},
        {"other language", "it is in a language that fewer than one comment in a hundred is in, and its vector stands apart"},
        {"copy", "it repeats another comment, which stands for it"},
        {"boilerplate", "nothing is left of it but lines that many customers' comments share"},
        {"lone voice", "it says something definite, but no other comment says it: one voice is kept, not counted"},
        {"off topic", "no other comment is near, and most of its words stand in no other: it is about something else"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(noise, meanings[i].noise) == 0) return meanings[i].meaning;
    return "it was left out";
}

static void head(ew_talk *talk, const ew_query *row) {
    const char *theme = ew_query_column(row, 5), *noise = ew_query_column(row, 4), *family = ew_query_column(row, 8);
    double fringe = ew_query_value(row, 3);
    if (talk->json) {
        static const struct {
            const char *key;
            int column;
        } texts[] = {
            {"theme", 5},     {"theme_name", 6}, {"noise", 4},   {"family", 8}, {"date", 11}, {"product", 13},
            {"customer", 14}, {"segment", 15},   {"source", 16}, {"lang", 17},  {"text", 2},
        };
        ew_put_open(&talk->put, '{');
        ew_put_field_text(&talk->put, "id", ew_query_column(row, 1));
        ew_put_field_number(&talk->put, "fringe", fringe, 6);
        ew_put_field_number(&talk->put, "rating", ew_query_value(row, 12), 3);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            ew_put_field_text(&talk->put, texts[i].key, ew_query_column(row, texts[i].column));
        return;
    }
    ew_talk_line(talk, "comment %s", ew_query_column(row, 1));
    ew_put_raw(&talk->put, "  ");
    ew_talk_words(talk, ew_query_column(row, 2), 2 * LONGEST);
    ew_put_raw(&talk->put, "\n");
    if (isnan(fringe))
        ew_talk_line(talk, "  fringe: not analysed");
    else
        ew_talk_line(talk, "  fringe %.3f: further from the others than %.0f %% of the comments", fringe, floor(fringe * 100));
    if (theme)
        ew_talk_line(talk, "  theme %s: %s (%lld comments)", theme, ew_query_column(row, 6) ? ew_query_column(row, 6) : "",
                     (long long)ew_query_whole(row, 7));
    if (noise) ew_talk_line(talk, "  left out as '%s': %s", noise, noise_meaning(noise));
    if (family)
        ew_talk_line(talk, "  one of %lld near-identical comments (%s, family %s), which count once as evidence",
                     (long long)ew_query_whole(row, 9), ew_query_column(row, 10), family);
}

static int needs_of(ew_talk *talk, int64_t comment) {
    ew_query row = ew_db_query(talk->db, needs_sql);
    ew_query_integer(&row, comment);
    int n = 0;
    if (talk->json) {
        ew_put_key(&talk->put, "needs");
        ew_put_open(&talk->put, '[');
    }
    for (; ew_query_next(&row); n++) {
        const char *name = ew_query_column(&row, 1);
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "id", ew_query_column(&row, 0));
            ew_put_field_text(&talk->put, "name", name);
            ew_put_field_text(&talk->put, "tier", ew_query_column(&row, 2));
            ew_put_field_count(&talk->put, "size", (uint64_t)ew_query_whole(&row, 3));
            ew_put_field_count(&talk->put, "families", (uint64_t)ew_query_whole(&row, 4));
            ew_put_field_count(&talk->put, "customers", (uint64_t)ew_query_whole(&row, 5));
            ew_put_field_number(&talk->put, "q", ew_query_value(&row, 6), 6);
            ew_put_field_number(&talk->put, "stability", ew_query_value(&row, 7), 4);
            ew_put_close(&talk->put, '}');
        } else {
            char q[24] = "not tested";
            if (!isnan(ew_query_value(&row, 6))) snprintf(q, sizeof q, "q %.3f", ew_query_value(&row, 6));
            ew_talk_line(talk, "  in need %s: %s (%s; %lld comments in %lld families of %lld customers; %s, stability %.2f)",
                         ew_query_column(&row, 0), name ? name : "", ew_query_column(&row, 2), (long long)ew_query_whole(&row, 3),
                         (long long)ew_query_whole(&row, 4), (long long)ew_query_whole(&row, 5), q, ew_query_value(&row, 7));
        }
    }
    ew_query_end(&row);
    if (talk->json) ew_put_close(&talk->put, ']');
    return n;
}

/* The nearest comments, and how many of them share a need or the theme with it. */
static void nearest(ew_talk *talk, int64_t comment, int *n, int *same_need, int *same_theme) {
    ew_query row = ew_db_query(talk->db, near_sql);
    ew_query_integer(&row, comment);
    *n = *same_need = *same_theme = 0;
    if (talk->json) {
        ew_put_key(&talk->put, "near");
        ew_put_open(&talk->put, '[');
    }
    for (; ew_query_next(&row); ++*n) {
        const char *need = ew_query_column(&row, 4), *theme = ew_query_column(&row, 3), *noise = ew_query_column(&row, 5);
        *same_theme += ew_query_whole(&row, 6) != 0;
        *same_need += ew_query_whole(&row, 7) != 0;
        if (talk->json) {
            ew_put_open(&talk->put, '{');
            ew_put_field_text(&talk->put, "id", ew_query_column(&row, 0));
            ew_put_field_number(&talk->put, "similarity", ew_query_value(&row, 1), 4);
            ew_put_field_text(&talk->put, "need", need);
            ew_put_field_text(&talk->put, "theme", theme);
            ew_put_field_text(&talk->put, "noise", noise);
            ew_put_field_text(&talk->put, "text", ew_query_column(&row, 2));
            ew_put_close(&talk->put, '}');
            continue;
        }
        if (!*n) ew_put_raw(&talk->put, "\nnearest comments, by similarity\n");
        const char *place = need ? need : theme ? theme : noise ? noise : "no theme";
        ew_talk_line(talk, "  %.3f [%s] %s: %s", ew_query_value(&row, 1), ew_query_column(&row, 0),
                     need    ? "need"
                     : theme ? "theme"
                             : "left out",
                     place);
        ew_put_raw(&talk->put, "        ");
        ew_talk_words(talk, ew_query_column(&row, 2), LONGEST);
        ew_put_raw(&talk->put, "\n");
    }
    ew_query_end(&row);
    if (talk->json) ew_put_close(&talk->put, ']');
}

/* Of a comment that was left out for standing alone: how near another would have to be. */
static void alone(ew_talk *talk, int64_t comment) {
    ew_query row = ew_db_query(talk->db, "SELECT json_extract(c.near, '$[0].similarity'), r.far FROM comments c, runs r WHERE"
                                         " c.row = ? AND c.noise IN ('lone voice', 'off topic')");
    ew_query_integer(&row, comment);
    int is = ew_query_next(&row);
    double near = is ? ew_query_value(&row, 0) : (double)NAN, far = is ? ew_query_value(&row, 1) : (double)NAN;
    ew_query_end(&row);
    if (talk->json)
        ew_put_field_number(&talk->put, "alone_below", far, 4);
    else if (!isnan(near) && !isnan(far))
        ew_talk_line(talk, "  what would change that: its nearest comment is at %.3f; from %.3f on it would lie in a theme", near,
                     far);
}

static void conclude(ew_talk *talk, int needs, const char *theme, const char *noise, int n, int same_need, int same_theme) {
    char why[400];
    if (needs)
        snprintf(why, sizeof why, "it is in a need: %d of its %d nearest comments are in one with it", same_need, n);
    else if (noise)
        snprintf(why, sizeof why, "it is in no need and no theme: %s", noise_meaning(noise));
    else if (theme)
        snprintf(why, sizeof why,
                 "it is in its theme with %d of its %d nearest comments; no small group around it was distinct and stable"
                 " enough for a need",
                 same_theme, n);
    else
        snprintf(why, sizeof why, "it is in no theme and no need: no group around it held together");
    if (talk->json)
        ew_put_field_text(&talk->put, "why", why);
    else
        ew_talk_line(talk, "  why: %s", why);
}

int ew_explain_comment(ew_talk *talk, const char *id) {
    ew_query row = ew_db_query(talk->db, comment_sql);
    ew_query_text(&row, id);
    int known = ew_query_next(&row);
    if (known) {
        int n, same_need, same_theme;
        int64_t comment = ew_query_whole(&row, 0);
        head(talk, &row);
        int needs = needs_of(talk, comment);
        ew_explain_heard(talk, comment);
        nearest(talk, comment, &n, &same_need, &same_theme);
        conclude(talk, needs, ew_query_column(&row, 5), ew_query_column(&row, 4), n, same_need, same_theme);
        alone(talk, comment);
        if (talk->json) {
            ew_put_close(&talk->put, '}');
            ew_put_raw(&talk->put, "\n");
        }
    }
    ew_query_end(&row);
    return known;
}
