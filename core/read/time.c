#include "inside.h"

/* Dates as people and machines write them; nothing here knows a locale or a time zone database. */

typedef struct cursor { const char *p, *end; } cursor;

static bool digit(const cursor *c) { return c->p < c->end && *c->p >= '0' && *c->p <= '9'; }

/* At least `least`, at most `most` digits, and no further digit behind them. */
static bool number(cursor *c, int least, int most, int64_t *out) {
    int n = 0;
    *out = 0;
    for (; digit(c) && n < most; n++) *out = *out * 10 + (*c->p++ - '0');
    return n >= least && !digit(c);
}

static bool take(cursor *c, char what) {
    if (c->p >= c->end || *c->p != what) return false;
    c->p++;
    return true;
}

static void blanks(cursor *c) {
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t')) c->p++;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static bool letter(const cursor *c) { return c->p < c->end && lower(*c->p) >= 'a' && lower(*c->p) <= 'z'; }

/* An English word that begins with one of `n` three-letter names and goes on as it likes ("Jul", "July", "Sept."). */
static int word(cursor *c, const char *names, int n) {
    if (c->end - c->p < 3) return -1;
    for (int i = 0; i < n; i++) {
        if (lower(c->p[0]) != names[3 * i] || lower(c->p[1]) != names[3 * i + 1] || lower(c->p[2]) != names[3 * i + 2]) continue;
        while (letter(c)) c->p++;
        (void)take(c, '.');
        return i;
    }
    return -1;
}

static int month_name(cursor *c) { return word(c, "janfebmaraprmayjunjulaugsepoctnovdec", 12) + 1; }

static bool leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static int64_t month_days(int64_t year, int64_t month) {
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; the year begins in March, so that a leap day comes last. */
static int64_t days_from(int64_t year, int64_t month, int64_t day) {
    if (month <= 2) year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool date_seconds(int64_t year, int64_t month, int64_t day, int64_t *out) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month)) return false;
    *out = days_from(year, month, day) * 86400;
    return true;
}

/* "Z", "UTC", "GMT", "+02:00", "-0800", "+05", or nothing: seconds east of UTC. */
static bool zone(cursor *c, int64_t *out) {
    *out = 0;
    blanks(c);
    if (c->p == c->end || take(c, 'Z') || take(c, 'z')) return true;
    if (word(c, "utcgmt", 2) >= 0) {
        blanks(c);
        if (c->p == c->end) return true;
    }
    int64_t sign = *c->p == '+' ? 1 : *c->p == '-' ? -1 : 0, hours, minutes = 0;
    if (!sign) return false;
    c->p++;
    const char *start = c->p;
    if (!number(c, 1, 4, &hours)) return false;
    if (c->p - start > 2) {
        minutes = hours % 100;
        hours /= 100;
    } else if (take(c, ':') && !number(c, 2, 2, &minutes)) {
        return false;
    }
    if (hours > 15 || minutes > 59) return false;
    *out = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* What follows a date: nothing, or 'T' or blanks and hh:mm[:ss[.fraction]] [am|pm] [zone]. */
static bool clock_seconds(cursor *c, int64_t *out) {
    int64_t hours, minutes, seconds = 0, east;
    *out = 0;
    const char *before = c->p;
    (void)take(c, ',');
    if (!take(c, 'T') && !take(c, 't')) blanks(c);
    if (c->p == c->end) return true;
    if (c->p == before) return zone(c, &east); /* a date with a zone is still that day */
    if (!digit(c)) return zone(c, &east);
    if (!number(c, 1, 2, &hours) || !take(c, ':') || !number(c, 2, 2, &minutes)) return false;
    if (take(c, ':') && !number(c, 2, 2, &seconds)) return false;
    if (take(c, '.') || take(c, ','))
        while (digit(c)) c->p++;
    blanks(c);
    if (c->end - c->p >= 2 && lower(c->p[1]) == 'm' && (lower(*c->p) == 'a' || lower(*c->p) == 'p')) {
        if (hours < 1 || hours > 12) return false;
        hours = hours % 12 + (lower(*c->p) == 'p' ? 12 : 0);
        c->p += 2;
    }
    if (hours > 24 || minutes > 59 || seconds > 60 || (hours == 24 && (minutes || seconds))) return false;
    if (!zone(c, &east)) return false;
    *out = hours * 3600 + minutes * 60 + seconds - east;
    return true;
}

/* Digits alone, perhaps with a fraction or a sign: seconds since 1970 (9 to 11 digits), milliseconds (12 to 14),
 * microseconds (15 to 17), or YYYYMMDD. */
static int64_t from_digits(cursor c, int n) {
    int64_t value = 0, seconds;
    for (int i = 0; i < n; i++) value = value * 10 + (c.p[i] - '0');
    if (n == 8) return date_seconds(value / 10000, value / 100 % 100, value % 100, &seconds) ? seconds : INT64_MIN;
    if (n >= 9 && n <= 11) return value;
    if (n >= 12 && n <= 14) return value / 1000;
    return n >= 15 && n <= 17 ? value / 1000000 : INT64_MIN;
}

/* a/b/year: month first, as in the United States, unless that cannot be. */
static bool slashed(cursor *c, char separator, int64_t a, int64_t *out) {
    int64_t b, year;
    if (!number(c, 1, 2, &b) || !take(c, separator)) return false;
    const char *start = c->p;
    if (!number(c, 2, 4, &year) || c->p - start == 3) return false;
    if (c->p - start == 2) year += year < 70 ? 2000 : 1900;
    if (separator == '.' || a > 12) return date_seconds(year, b, a, out);
    return date_seconds(year, a, b, out);
}

static bool date(cursor *c, int64_t *out) {
    int64_t a, b, day, year;
    if (word(c, "montuewedthufrisatsun", 7) >= 0) { /* "Tue, 24 Feb 2015" */
        (void)take(c, ',');
        blanks(c);
    }
    if (letter(c)) { /* "Jul 1, 2026" */
        int month = month_name(c);
        blanks(c);
        if (!month || !number(c, 1, 2, &day)) return false;
        (void)take(c, ',');
        blanks(c);
        return number(c, 4, 4, &year) && date_seconds(year, month, day, out);
    }
    const char *start = c->p;
    if (!number(c, 1, 4, &a)) return false;
    bool is_year = c->p - start == 4;
    char separator = c->p < c->end ? *c->p : 0;
    if (is_year && (separator == '-' || separator == '/' || separator == '.')) { /* "2026-07-01" */
        c->p++;
        return number(c, 1, 2, &b) && take(c, separator) && number(c, 1, 2, &day) && date_seconds(a, b, day, out);
    }
    if (is_year || c->p - start == 3) return false;
    if (separator == '/' || separator == '.' || separator == '-') {
        c->p++;
        if (separator != '-' || digit(c)) return slashed(c, separator, a, out);
    } else {
        blanks(c);
    }
    int month = month_name(c); /* "1 Jul 2026", "01-Jul-2026" */
    if (separator == '-' && !take(c, '-')) return false;
    (void)take(c, ',');
    blanks(c);
    return month && number(c, 4, 4, &year) && date_seconds(year, month, a, out);
}

int64_t ew_time_parse(const char *text, size_t n) {
    cursor c = {text, text + n};
    blanks(&c);
    while (c.end > c.p && (c.end[-1] == ' ' || c.end[-1] == '\t')) c.end--;
    cursor rest = c;
    while (digit(&rest)) rest.p++;
    ptrdiff_t digits = rest.p - c.p;
    if (digits >= 8) {
        if (take(&rest, '.'))
            while (digit(&rest)) rest.p++;
        if (rest.p == rest.end && digits <= 17) return from_digits(c, (int)digits);
        return INT64_MIN;
    }
    int64_t day, clock;
    if (c.p == c.end || !date(&c, &day) || !clock_seconds(&c, &clock)) return INT64_MIN;
    blanks(&c);
    return c.p == c.end ? day + clock : INT64_MIN;
}

void ew_time_date(int64_t time, char out[11]) {
    out[0] = 0;
    int64_t days = time / 86400 - (time % 86400 < 0);
    if (time == INT64_MIN || days < days_from(1, 1, 1) || days > days_from(9999, 12, 31)) return;
    int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097; /* never negative here */
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    year += era * 400 + (month <= 2);
    for (int i = 3; i >= 0; i--, year /= 10) out[i] = (char)('0' + year % 10);
    memcpy(out + 4, (char[]){'-', (char)('0' + month / 10), (char)('0' + month % 10), '-', (char)('0' + day / 10),
                             (char)('0' + day % 10), 0}, 7);
}

int64_t ew_time_of_day(const char *text) {
    char again[11];
    int64_t time = ew_time_parse(text, strlen(text));
    ew_time_date(time, again);
    return *again && strcmp(text, again) == 0 ? time : INT64_MIN;
}
