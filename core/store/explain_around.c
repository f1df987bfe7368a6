/* What lies next to a need: the nearest comments outside it, and the needs and themes they are in. */
#include <stdio.h>

#include "explain.h"

enum { GROUPS = 5, COMMENTS = 5, LONGEST = 240 };

/* Comments outside the need among the nearest of its comments: how often, and how near at best; each with its best need. */
#define OUTSIDE                                                                                                                  \
    "WITH outside AS (SELECT o.row AS row, max(json_extract(j.value, '$.similarity')) AS near, count(*) AS links"                \
    " FROM need_comments m JOIN comments c ON c.row = m.comment, json_each(c.near) j"                                            \
    " JOIN comments o ON o.id = json_extract(j.value, '$.id') WHERE m.need = ?1"                                                 \
    " AND NOT EXISTS (SELECT 1 FROM need_comments x WHERE x.need = ?1 AND x.comment = o.row) GROUP BY o.row),"                   \
    " placed AS (SELECT u.*, c.id AS id, c.text AS text, c.theme AS theme, c.noise AS noise,"                                    \
    " (SELECT min(m.need) FROM need_comments m WHERE m.comment = u.row) AS need FROM outside u JOIN comments c ON c.row = "      \
    "u.row)"

static const char groups_sql[] =
    OUTSIDE " SELECT p.need IS NOT NULL, coalesce(n.id, t.id), coalesce(n.name, t.name), n.tier, count(*), sum(p.links),"
            " max(p.near) FROM placed p LEFT JOIN needs n ON n.rank = p.need LEFT JOIN themes t ON t.theme = p.theme AND"
            " p.need IS NULL WHERE p.need IS NOT NULL OR p.theme IS NOT NULL GROUP BY p.need, t.theme"
            " ORDER BY 6 DESC, 7 DESC, p.need, t.theme LIMIT ?2";

static const char comments_sql[] = OUTSIDE " SELECT p.id, p.near, p.text, coalesce(n.id, t.id), p.noise FROM placed p"
                                           " LEFT JOIN needs n ON n.rank = p.need LEFT JOIN themes t ON t.theme = p.theme"
                                           " ORDER BY p.near DESC, p.row LIMIT ?2";

static void one_group(ew_talk *talk, const ew_query *row) {
    const char *id = ew_query_column(row, 1), *name = ew_query_column(row, 2), *tier = ew_query_column(row, 3);
    int need = ew_query_whole(row, 0) != 0;
    if (talk->json) {
        ew_put_open(&talk->put, '{');
        ew_put_field_text(&talk->put, need ? "need" : "theme", id);
        ew_put_field_text(&talk->put, "name", name);
        ew_put_field_text(&talk->put, "tier", tier);
        ew_put_field_count(&talk->put, "comments", (uint64_t)ew_query_whole(row, 4));
        ew_put_field_count(&talk->put, "times", (uint64_t)ew_query_whole(row, 5));
        ew_put_field_number(&talk->put, "similarity", ew_query_value(row, 6), 4);
        ew_put_close(&talk->put, '}');
        return;
    }
    char which[40] = "theme";
    if (need) snprintf(which, sizeof which, "%s need", tier ? tier : "");
    ew_talk_line(talk, "  %lld times, up to %.3f: %s %s: %s", (long long)ew_query_whole(row, 5), ew_query_value(row, 6), which,
                 id, name ? name : "");
}

static void one_comment(ew_talk *talk, const ew_query *row) {
    const char *place = ew_query_column(row, 3), *noise = ew_query_column(row, 4);
    if (talk->json) {
        ew_put_open(&talk->put, '{');
        ew_put_field_text(&talk->put, "id", ew_query_column(row, 0));
        ew_put_field_number(&talk->put, "similarity", ew_query_value(row, 1), 4);
        ew_put_field_text(&talk->put, "in", place);
        ew_put_field_text(&talk->put, "noise", noise);
        ew_put_field_text(&talk->put, "text", ew_query_column(row, 2));
        ew_put_close(&talk->put, '}');
        return;
    }
    ew_talk_line(talk, "  %.3f [%s] %s", ew_query_value(row, 1), ew_query_column(row, 0),
                 place   ? place
                 : noise ? noise
                         : "no theme");
    ew_put_raw(&talk->put, "    ");
    ew_talk_words(talk, ew_query_column(row, 2), LONGEST);
    ew_put_raw(&talk->put, "\n");
}

static void list(ew_talk *talk, int64_t rank, const char *sql, int most, const char *key, const char *title,
                 void (*one)(ew_talk *talk, const ew_query *row)) {
    if (talk->json) {
        ew_put_key(&talk->put, key);
        ew_put_open(&talk->put, '[');
    }
    ew_query row = ew_db_query(talk->db, sql);
    ew_query_integer(&row, rank);
    ew_query_integer(&row, most);
    for (int n = 0; ew_query_next(&row); n++) {
        if (!n && !talk->json) ew_put_raw(&talk->put, title);
        one(talk, &row);
    }
    ew_query_end(&row);
    if (talk->json) ew_put_close(&talk->put, ']');
}

void ew_explain_around(ew_talk *talk, int64_t rank) {
    list(talk, rank, groups_sql, GROUPS, "nearest_groups",
         "\nnext to it: where those of its comments' five nearest lie that are outside it\n", one_group);
    list(talk, rank, comments_sql, COMMENTS, "nearest_comments", "\nnearest comments outside it, by similarity\n", one_comment);
}
