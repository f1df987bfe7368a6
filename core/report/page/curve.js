// ---- the curve: themes as bars, largest first; the needs behind them to the same scale, and enlarged in a lens
const parents = new Set(themes.map((theme) => theme.parent));
const levels = [...new Set(themes.map((theme) => theme.level))].sort((a, b) => a - b);
const levelOf = (level) =>
  themes
    .filter((theme) => theme.level === level || (theme.level < level && !parents.has(theme.id)))
    .sort((a, b) => b.size - a.size);
// The finest cut that can still be read.
const chosen = levels.findLast((level) => levelOf(level).length <= 80) ?? levels[0] ?? 0;
const leaves = levelOf(chosen);
const NUMBERED = 40; // so many dots can bear their rank

// A step of 1, 2 or 5 times a power of ten, about `parts` of them in the range.
function step(range, parts) {
  const raw = range / parts,
    power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].find((k) => k * power >= raw) * power;
}

// Places for dots of radius r: where they are due, or moved up or down until they touch none before them.
function apart(dots, top, bottom) {
  const placed = [];
  for (const dot of dots) {
    const due = dot.y;
    for (let k = 0; k < 10; k++) {
      if (k === 9)
        dot.y = due; // no further than this: better covered than misplaced
      else dot.y = Math.min(bottom, Math.max(top, due + (k % 2 ? -1 : 1) * Math.ceil(k / 2) * 5));
      if (k === 9) break;
      if (!placed.some((other) => Math.hypot(other.x - dot.x, other.y - dot.y) < other.r + dot.r + 1)) break;
    }
    placed.push(dot);
  }
  return placed;
}

function barsOf(g, width, height, base) {
  // the needs take a third of the width at most, however many there are
  const slot = Math.min(width / Math.max(12, leaves.length + needs.length), 60),
    tailWidth = Math.min(width / 3, needs.length * slot);
  const wide = leaves.length ? Math.min(60, (width - tailWidth) / Math.max(leaves.length, 8)) : 0,
    thin = needs.length ? tailWidth / needs.length : 0,
    gap = Math.min(2, wide * 0.25);
  const tailFrom = leaves.length * wide;
  const top = Math.max(1, ...leaves.map((theme) => theme.size), ...needs.map((need) => need.size));
  const y = (size) => base - (size / top) * height;
  leaves.forEach((theme, i) =>
    g.append(
      svg('rect', {
        class: 'bar',
        x: i * wide,
        width: wide - gap,
        y: y(theme.size),
        height: base - y(theme.size),
        rx: Math.min(2, wide / 4),
        'data-tip': `${theme.name}: ${plural(theme.size, 'comment')}, ${percent(theme.share, 1)} of all`,
      }),
    ),
  );
  const tail = [...needs].sort((a, b) => b.size - a.size);
  tail.forEach((need, i) =>
    g.append(
      svg('rect', {
        class: 'sliver',
        x: tailFrom + i * thin,
        width: Math.max(0.5, thin - Math.min(2, thin * 0.25)),
        y: y(need.size),
        height: base - y(need.size),
      }),
    ),
  );
  g.append(svg('path', { class: 'axis', d: `M0 ${base + 0.5}H${width}` }));
  return { slot: wide, y, tailFrom, tailTo: tailFrom + tailWidth };
}

function nameBars(g, bars, until) {
  let free = -Infinity;
  leaves.slice(0, 12).forEach((theme, i) => {
    const x = (i + 1) * bars.slot + 6,
      y = bars.y(theme.size) + 10,
      text = clip(theme.name, 30),
      next = leaves[i + 1];
    if (y < free + 17 || (next && bars.y(next.size) < y + 3) || x + text.length * 7 + 40 > until) return;
    free = y;
    g.append(svg('text', { x, y }, svg('tspan', { class: 'name' }, text), ` ${count(theme.size)}`));
  });
}

function lensOf(g, box) {
  const fringes = needs.map((need) => need.fringe ?? 0),
    far = Math.max(...fringes),
    near = Math.min(...fringes);
  const grid = step(Math.max(far - near, 0.04), 3),
    right = far <= 1 ? 1 : Math.ceil(far / grid) * grid,
    low = Math.floor((near - grid * 0.2) / grid) * grid;
  const left = near >= 0 ? Math.max(0, low) : low,
    sizes = needs.map((need) => need.size),
    least = Math.max(1, Math.min(...sizes) * 0.75),
    most = Math.max(...sizes) * 1.2;
  const inner = { left: box.x + 46, right: box.x + box.width - 22, top: box.y + 38, bottom: box.y + box.height - 40 };
  const x = (fringe) => inner.left + ((fringe - left) / (right - left || 1)) * (inner.right - inner.left);
  const y = (size) => inner.bottom - (Math.log(size / least) / Math.log(most / least)) * (inner.bottom - inner.top);
  g.append(svg('rect', { class: 'lens', x: box.x, y: box.y, width: box.width, height: box.height, rx: 8 }));
  for (const size of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) {
    if (size < least || size > most) continue;
    g.append(svg('path', { class: 'axis', d: `M${inner.left} ${y(size)}H${inner.right}` }));
    g.append(svg('text', { x: inner.left - 8, y: y(size) + 4, 'text-anchor': 'end' }, count(size)));
  }
  const digits = grid < 0.01 ? 3 : grid < 0.1 ? 2 : 1;
  for (let at = left; at <= right + grid / 9; at += grid)
    g.append(svg('text', { x: x(at), y: inner.bottom + 17, 'text-anchor': 'middle' }, fixed(at, digits)));
  g.append(svg('text', { x: box.x + 14, y: box.y + 22 }, 'comments in the need'));
  g.append(
    svg('text', { x: inner.right, y: box.y + box.height - 8, 'text-anchor': 'end' }, 'fringe: further from the middle →'),
  );
  // the surest are placed first and drawn last, so that no whisper lies over them
  const order = [...needs].sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.rank - b.rank);
  const many = needs.length > NUMBERED,
    dots = order.map((need, i) => ({
      need,
      x: x(need.fringe ?? 0),
      y: y(need.size),
      r: !many || (i < NUMBERED && need.tier === 'confirmed') ? 9 : 4,
    }));
  apart(
    dots.filter((dot) => dot.r > 5),
    inner.top - 6,
    inner.bottom,
  );
  const links = dots
    .map(({ need, x: cx, y: cy, r }) =>
      svg(
        'a',
        {
          class: `dot ${need.tier}`,
          href: `#${need.id}`,
          'aria-label': `Need ${need.rank}, ${need.tier}: ${need.name}`,
          'data-tip': `${need.rank}. ${need.name} (${need.tier}, ` +
            `${plural(need.size, 'comment')}, fringe ${fixed(need.fringe, 2)})`,
        },
        svg('circle', { cx, cy, r }),
        r > 5 && svg('text', { x: cx, y: cy + 4, class: need.rank > 99 ? 'tiny' : null }, String(need.rank)),
      ),
    )
    .reverse();
  const byRank = needs.map((need) => links[links.length - 1 - order.indexOf(need)]);
  byRank.forEach((link, i) => link.setAttribute('tabindex', i ? -1 : 0));
  const group = svg('g', { role: 'group', 'aria-label': 'Needs; arrow keys go from one to the next' }, links);
  group.addEventListener('keydown', (event) => {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const at = byRank.indexOf(document.activeElement),
      to = byRank[(at + move + links.length) % links.length];
    byRank[at]?.setAttribute('tabindex', -1);
    to.setAttribute('tabindex', 0);
    to.focus();
  });
  g.append(group);
}

function drawCurve() {
  const place = byId('chart'),
    width = Math.max(280, place.clientWidth),
    narrow = width < 620;
  const plot = narrow ? 190 : 380,
    g = svg('svg', { role: 'group', 'aria-label': 'Sizes of themes and needs' });
  const inside = !narrow && needs.length > 0;
  const probe = leaves.findIndex((theme) => theme.size < 0.24 * (leaves[0]?.size || 1));
  const slots = Math.max(12, leaves.length + Math.min(needs.length, leaves.length / 2)),
    clear = (probe < 0 ? leaves.length : probe) * (width / slots);
  const overlay = inside && clear < width * 0.42;
  const lens = overlay
    ? { x: Math.max(width * 0.36, clear + 10), y: 8, height: plot * 0.68 }
    : { x: 0, y: plot + 44, height: 270 };
  lens.width = width - lens.x;
  const height = needs.length && !overlay ? lens.y + lens.height : plot + 22,
    beam = svg('path', { class: 'beam' });
  if (needs.length) g.append(beam);
  const bars = barsOf(g, width, plot - 8, plot);
  const edge = overlay ? lens.y + lens.height : lens.y,
    foot = overlay ? plot - 1 : plot + 1;
  beam.setAttribute('d', `M${bars.tailFrom} ${foot}L${lens.x + 8} ${edge}H${lens.x + lens.width - 8}L${bars.tailTo} ${foot}Z`);
  nameBars(g, bars, overlay ? lens.x : width);
  if (leaves.length)
    g.append(
      svg('text', { x: 0, y: plot + 18 }, narrow ? 'the loud middle' : `${plural(leaves.length, 'theme')}: the loud middle`),
    );
  if (needs.length)
    g.append(
      svg(
        'text',
        { x: bars.tailTo, y: plot + 18, 'text-anchor': 'end' },
        narrow ? 'the edge' : `${plural(needs.length, 'need')}: the edge`,
      ),
    );
  if (needs.length) lensOf(g, lens);
  g.setAttribute('viewBox', `0 0 ${width} ${height}`);
  place.replaceChildren(g);
}

function showCurve() {
  if (!leaves.length && !needs.length) {
    byId('chart').append(h('p', { class: 'note' }, 'There is nothing to draw: no theme and no need was found.'));
    return;
  }
  drawCurve();
  let width = byId('chart').clientWidth;
  new ResizeObserver(() => {
    if (byId('chart').clientWidth === width) return;
    width = byId('chart').clientWidth;
    drawCurve();
  }).observe(byId('chart'));
  const kinds = [
    ['theme', 'theme'],
    ...TIERS.filter((tier) => run.needs[tier]).map((tier) => [
      tier,
      tier === 'watch' ? 'need to watch' : tier === 'whisper' ? 'whisper' : 'confirmed need',
    ]),
  ];
  byId('chart-legend').append(
    ...kinds.map(([style, text]) => h('li', null, h('span', { class: `swatch ${style}` }), text)),
    needs.length > 1 &&
      h(
        'li',
        null,
        `The number is the rank. ${needs.length > NUMBERED ? 'Only confirmed needs bear it. ' : ''}Sizes on a logarithmic scale.`,
      ),
  );
}
