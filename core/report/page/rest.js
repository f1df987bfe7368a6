// ---- themes, what was left out, how sure
const THEMES = 15;
let level = null,
  themesShown = THEMES;

function measure(theme, most) {
  const x = (share) => (Math.min(share, most) / most) * 134 + 1;
  return svg(
    'svg',
    { class: 'measure', viewBox: '0 0 136 13', 'aria-hidden': 'true' },
    svg('rect', { x: 0, y: 1, width: x(theme.share), height: 11, rx: 2 }),
    svg('path', {
      d: `M${x(theme.share_low)} 3.5v6M${x(theme.share_high)} 3.5v6M${x(theme.share_low)} 6.5H${x(theme.share_high)}`,
    }),
  );
}

// A theme's share of the voices of each week, as bars of one scale.
function weeksOf(theme) {
  const shares = theme.weeks.map((n, w) => (run.weeks.voices[w] ? n / run.weeks.voices[w] : 0)),
    most = Math.max(...shares, 0.0001),
    wide = 200 / shares.length;
  return svg(
    'svg',
    { class: 'measure', viewBox: '0 0 200 30', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    shares.map((share, w) =>
      svg('rect', {
        x: w * wide,
        width: Math.max(0.3, wide * 0.85),
        y: 30 - (share / most) * 30,
        height: (share / most) * 30,
      }),
    ),
  );
}

const nameOf = new Map(themes.map((theme) => [theme.id, theme.name]));
const times = (x) => fixed(x, x < 10 ? 1 : 0) + '×';
const sharesOf = (theme, list) =>
  list
    .slice(0, 5)
    .map(({ name, comments, ratio }) => `${clip(name, 40)} ${percent(comments / theme.size)} (${times(ratio)})`)
    .join(', ') + (list.length > 5 ? ', …' : '');

function figuresOf(theme) {
  const rows = [
    ['Families', count(theme.families)],
    ['Characters', `${count(theme.length[1])}, half of them ${count(theme.length[0])} – ${count(theme.length[2])}`],
  ];
  if (theme.rated) rows.push(['Rated', `${count(theme.rated)} of ${count(theme.size)}`]);
  if (theme.first) rows.push(['First, last', `${day(theme.first)}, ${day(theme.last)}`]);
  if (theme.onset) rows.push(['Voiced more since', `${day(theme.onset)}, told by ${day(theme.alarm)}`]);
  if (theme.trend !== null)
    rows.push([
      'Trend',
      `${fixed(theme.trend, 2)} (${fixed(theme.trend_low, 2)} – ${fixed(theme.trend_high, 2)}), ` +
        'share in the later half over the earlier',
    ]);
  for (const [key, name] of [
    ['languages', 'Languages'],
    ['products', 'Products'],
    ['segments', 'Segments'],
    ['sources', 'Sources'],
  ])
    if (theme[key].length) rows.push([name, sharesOf(theme, theme[key])]);
  const list = h('dl', { class: 'settings' }, rows.flatMap(([key, value]) => [h('dt', null, key), h('dd', null, bdi(value))]));
  if (theme.weeks.length) list.append(h('dt', null, 'By week'), h('dd', null, weeksOf(theme)));
  return list;
}

// What is inside is made when it is first opened: a page may have hundreds of themes.
function details(summary, inside) {
  const element = h('details', null, h('summary', null, summary));
  element.addEventListener('toggle', () => element.append(inside()), { once: true });
  return element;
}

function drawThemes() {
  const rows = level === null ? leaves : levelOf(level);
  const most = Math.max(...rows.map((theme) => theme.share_high), 0.0001),
    rated = rows.some((theme) => theme.rating !== null);
  const heads = [{ text: 'Theme' }, { text: 'Comments', number: true }, { text: 'Share of all (95 %)' }];
  if (rated) heads.push({ text: 'Rating (95 %)' });
  heads.push({ text: 'For example', whole: true });
  const place = byId('theme-table');
  if (!rows.length) {
    place.replaceChildren(h('p', { class: 'note' }, 'No theme was found.'));
    return;
  }
  place.replaceChildren(
    table(
      null,
      heads,
      rows.slice(0, themesShown).map((theme) => {
        const cells = [
          [
            h('span', { class: 'name', dir: 'auto' }, theme.name),
            theme.emerging && h('span', { class: 'badge emerging' }, '↗ emerging'),
            theme.rest && h('span', { class: 'badge', title: 'Near to no theme: its words tell little' }, 'the rest'),
            theme.parent && h('span', { class: 'words' }, 'in ', bdi(nameOf.get(theme.parent))),
            h('span', { class: 'words' }, bdi(theme.words.slice(0, 6).join(', '))),
            details('In figures', () => figuresOf(theme)),
          ],
          [count(theme.size), h('small', null, theme.customers ? plural(theme.customers, 'customer') : '')],
          [
            `${percent(theme.share, 1)} `,
            h('small', null, `${fixed(100 * theme.share_low, 1)} – ${fixed(100 * theme.share_high, 1)}`),
            measure(theme, most),
          ],
        ];
        if (rated)
          cells.push(
            theme.rating === null
              ? '–'
              : [fixed(theme.rating, 1), h('small', null, `${fixed(theme.rating_low, 1)} – ${fixed(theme.rating_high, 1)}`)],
          );
        cells.push(
          theme.exemplar
            ? h('q', { dir: 'auto' }, clip(theme.exemplar, 150) + (theme.cut && theme.exemplar.length <= 150 ? '…' : ''))
            : '',
        );
        return cells;
      }),
      'stack',
    ),
  );
  byId('more-themes').hidden = rows.length <= themesShown;
  byId('more-themes').textContent = `Show all ${count(rows.length)} themes`;
}

function showThemes() {
  if (levels.length > 1) {
    const names = levels.map(
      (l, i) => `${i === 0 ? 'coarse' : i === levels.length - 1 ? 'fine' : 'medium'} ${count(levelOf(l).length)}`,
    );
    const buttons = levels.map((l, i) =>
      h('button', { type: 'button', class: 'chip only', 'aria-pressed': 'false', onclick: () => pick(i) }, names[i]),
    );
    const pick = (i) => {
      level = levels[i];
      themesShown = THEMES;
      buttons.forEach((button, k) => button.setAttribute('aria-pressed', k === i));
      drawThemes();
    };
    byId('theme-levels').append(
      h('div', { class: 'filters', role: 'group', 'aria-label': 'How finely themes are cut' }, buttons),
    );
    pick(levels.indexOf(chosen));
  } else drawThemes();
  byId('more-themes').addEventListener('click', () => {
    themesShown = Infinity;
    drawThemes();
  });
}

const FATES = {
  empty: 'No text.',
  'too short': 'Too few words to say what it is about.',
  'no content': 'Greetings, thanks, praise or blame without a subject.',
  'other language': 'In a language that fewer than one comment in a hundred is in.',
  copy: 'Repeats another comment, which stands for it.',
  boilerplate: 'Nothing left but lines that many customers’ comments share.',
  'lone voice': 'Says something definite that nobody else says. Kept for the next quarter.',
  'off topic': 'Near to nothing else, in words that nobody else here uses.',
};

function showFate() {
  const { counts } = run,
    share = (n) => (counts.read ? n / counts.read : 0);
  const rows = [
    ['In themes', counts.in_themes, 'Part of the middle.', 'themes'],
    ['In needs only', counts.in_needs_only, 'At the edge, in no theme.', 'needs'],
    ...Object.entries(counts.noise).map(([type, n]) => [type[0].toUpperCase() + type.slice(1), n, FATES[type] || '', 'noise']),
    ['Rejected', counts.rejected, 'Records that could not be read; the first are listed below.', 'noise'],
  ];
  const left = counts.read - counts.in_themes - counts.in_needs_only;
  byId('fate-note').textContent =
    `${plural(counts.read, 'record')} read; ${count(left)} (${percent(share(left), 1)}) are in no ` +
    'theme and no need. Every one is accounted for.';
  byId('fate-bar').append(
    ...rows
      .filter((row) => row[1])
      .map(([name, n, , style]) => {
        const part = h('span', { class: style, 'data-tip': `${name}: ${count(n)} (${percent(share(n), 1)})` });
        part.style.flexGrow = String(n);
        return part;
      }),
  );
  const lines = rows
    .filter((row) => row[1] || row[3] !== 'noise')
    .map(([name, n, why]) => [[name, h('small', null, why)], count(n), percent(share(n), 1)]);
  lines.push([h('b', null, 'Read'), h('b', null, count(counts.read)), '']);
  byId('fate-table').append(
    table(null, [{ text: 'Fate' }, { text: 'Records', number: true }, { text: 'Share', number: true }], lines, 'slim'),
  );
  const extra = [];
  if (run.families)
    extra.push(`${plural(run.families, 'family', 'families')} of near copies were folded: each counts once as evidence.`);
  if (run.boilerplate_lines)
    extra.push(
      `${plural(run.boilerplate_lines, 'line')} shared by many customers (signatures, templates) were masked before reading.`,
    );
  if (run.repeated_ids) extra.push(`${plural(run.repeated_ids, 'id')} occurred before and got a suffix.`);
  if (run.missing_ids)
    extra.push(`${plural(run.missing_ids, 'record')} had no id and got ${run.missing_ids === 1 ? 'its' : 'their'} row number.`);
  byId('rejected').append(...extra.map((text) => h('p', { class: 'note' }, text)));
  if (run.rejected.length)
    byId('rejected').append(
      h(
        'details',
        null,
        h(
          'summary',
          null,
          run.rejected.length < counts.rejected
            ? `The first ${count(run.rejected.length)} rejected records`
            : `The ${plural(run.rejected.length, 'rejected record')}`,
        ),
        h(
          'ul',
          null,
          run.rejected.map((text) => h('li', null, bdi(text))),
        ),
      ),
    );
}

function showSure() {
  byId('fdr-note').textContent = run.decoys
    ? `${plural(run.decoys, 'corpus', 'corpora')} without structure were made from this one, word for word, and sent ` +
      'through the same analysis. At each threshold: how many groups of the real corpus pass, how many false ones to ' +
      'expect among them (from the decoys, and one more for caution), and the share they make up.'
    : 'No decoys were made in this run: nothing could be confirmed.';
  // the whole table is in run.json; here its last row within 10 %, and some around it
  const within = run.fdr.findLastIndex((row) => row.fdr !== null && row.fdr <= 0.1),
    every = Math.ceil(run.fdr.length / 10);
  const shown = run.fdr.filter((row, i) => i === within || i % every === 0 || i === run.fdr.length - 1);
  if (shown.length)
    byId('fdr-table').append(
      table(
        null,
        [
          { text: 'Threshold', number: true },
          { text: 'Real groups', number: true },
          { text: 'False, expected', number: true },
          { text: 'False discovery rate', number: true },
        ],
        shown.map((row) => [
          fixed(row.threshold, 2),
          count(row.real),
          fixed(row.decoys, 1),
          row === run.fdr[within] ? h('b', null, `${percent(row.fdr, 1)} ←`) : percent(row.fdr, 1),
        ]),
        'slim',
      ),
    );
  const rows = [
    ['edgewise', run.edgewise],
    ['model', run.model],
    [
      'encoder',
      (run.encoder_why || run.encoder) + (run.corpus_weight ? `, with a part learnt from the corpus (weight ${fixed(run.corpus_weight, 2)})` : ''),
    ],
    ['seed', run.seed],
    ['inputs', join(run.inputs)],
    [
      'columns',
      Object.entries(run.columns)
        .map(([key, name]) => `${key} from “${name}”`)
        .join(', ') || '–',
    ],
    ['units analysed', `${count(run.units)}; ${count(run.tested_units)} in the test`],
    ['candidates', `${count(run.candidates)}; ${count(run.significant)} significant`],
    ['neighbours found', percent(run.recall_at_15, 1)],
    ...Object.entries(run.options)
      .filter(([, value]) => value !== null && typeof value !== 'object')
      .map(([key, value]) => [key.replaceAll('_', ' '), String(value)]),
  ];
  byId('settings').append(...rows.flatMap(([key, value]) => [h('dt', null, key), h('dd', null, bdi(String(value)))]));
  byId('foot').append(`edgewise ${run.edgewise}. This page is one file; it loads nothing and sends nothing.`);
}

showOutcome();
showCurve();
showNeeds();
showThemes();
showFate();
showSure();
document.documentElement.dataset.ready = 'yes';
