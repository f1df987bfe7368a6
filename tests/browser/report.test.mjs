// report.html in a real browser: nothing runs or loads but its own script, it works by keyboard, axe finds nothing serious.
//
// REPORT=FILE tests that report; otherwise one is made from the sample quarter by EDGEWISE (build/release/edgewise).
// SHOTS=FOLDER takes screenshots (build/browser). CHROMIUM names the browser (the first found of chromium, google-chrome).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../..');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.SHOTS || path.join(root, 'build/browser');
const made = mkdtempSync(path.join(tmpdir(), 'edgewise-browser-'));
let browser, report, data;

function find(...names) {
    for (const name of names) {
        try {
            return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
        } catch {
            /* the next one */
        }
    }
    throw new Error(`none of ${names.join(', ')} is installed: apt-get install chromium, or set CHROMIUM`);
}

before(async () => {
    report = process.env.REPORT && path.resolve(process.env.REPORT);
    if (!report) {
        const engine = process.env.EDGEWISE || path.join(root, 'build/release/edgewise');
        execFileSync(engine, ['mine', path.join(root, 'build/sample/quarter.jsonl.zst'), '-o', made, '--quiet'], {
            stdio: ['ignore', 'ignore', 'inherit'],
        });
        report = path.join(made, 'report.html');
    }
    assert(existsSync(report), `${report} does not exist`);
    data = JSON.parse(readFileSync(report, 'utf8').match(/<script type="application\/json" id="data">(.*?)<\/script>/s)[1]);
    mkdirSync(shots, { recursive: true });
    browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || find('chromium', 'google-chrome', 'chromium-browser'),
        args: ['--no-sandbox'],
    });
});

after(async () => {
    await browser?.close();
    rmSync(made, { recursive: true, force: true });
});

// A page of its own; whatever it says, loads or violates ends up in `faults`.
async function open(options = {}, file = report) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
    const page = await context.newPage(),
        faults = [];
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('dialog', (dialog) => {
        faults.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on('request', (request) => {
        if (request.url() !== pathToFileURL(file).href && !request.url().startsWith('data:'))
            faults.push(`request: ${request.url()}`);
    });
    await page.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', (event) =>
            window.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
        );
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready]', { timeout: 15000 });
    const close = async () => {
        faults.push(...(await page.evaluate(() => window.violations)));
        await context.close();
        assert.deepEqual(faults, []);
    };
    return { page, close };
}

const shown = (page) => page.locator('#cards > .card');

test('the outcome is what the data says', async () => {
    const { page, close } = await open();
    const { confirmed, watch, whisper } = data.run.needs;
    const headline = await page.locator('h1').innerText();
    assert.match(headline, confirmed ? new RegExp(`^${confirmed} needs? (is|are) confirmed`) : /^No need is confirmed/);
    if (watch) assert(headline.includes(`${watch} to watch`));
    assert.equal(confirmed + watch + whisper, data.needs.length);
    assert.equal(await page.locator('#facts dd').first().innerText(), data.run.counts.read.toLocaleString('en'));
    const fates = await page.locator('#fate-table tbody tr td:nth-child(2)').allInnerTexts();
    const numbers = fates.map((text) => Number(text.replaceAll(',', '')));
    assert.equal(
        numbers.slice(0, -1).reduce((a, b) => a + b, 0),
        numbers.at(-1),
        'the fates add up to what was read',
    );
    assert.equal(numbers.at(-1), data.run.counts.read);
    await close();
});

test('cards are ranked, filtered and found', async () => {
    assert(data.needs.length > 2, 'the report has too few needs to test with');
    const { page, close } = await open();
    const first = data.needs[0];
    assert.equal(await shown(page).count(), Math.min(20, data.needs.length));
    assert.equal(await shown(page).first().locator('h3').textContent(), first.name);
    assert.equal(await shown(page).first().getAttribute('id'), first.id);
    for (const tier of ['confirmed', 'watch', 'whisper']) {
        const chip = page.locator('#filters .chip', { hasText: tier });
        if (!(await chip.count())) continue;
        await chip.click();
        assert.equal(await chip.getAttribute('aria-pressed'), 'false');
        assert.equal(await page.locator(`#cards > .card.${tier}`).count(), 0);
        const left = data.needs.filter((need) => need.tier !== tier).length;
        assert.match(await page.locator('#status').innerText(), new RegExp(`^${left.toLocaleString('en')} of`));
        await chip.click();
    }
    await page.locator('#search').fill(first.verbatims[0].id.toUpperCase());
    assert.equal(await page.locator(`[id="${first.id}"]`).count(), 1);
    await page.locator('#search').fill('no such word anywhere');
    assert.equal(await shown(page).count(), 0);
    assert.match(await page.locator('#status').innerText(), /^0 of/);
    await page.locator('#search').fill('');
    if (data.needs.length > 20) {
        await page.locator('#more').click();
        assert.equal(await shown(page).count(), Math.min(40, data.needs.length));
        assert.equal(
            await page.evaluate(() => [...document.querySelectorAll('#cards > .card')].indexOf(document.activeElement)),
            20,
        );
    }
    await close();
});

test("verbatims are the customers' words, cues marked", async () => {
    const { page, close } = await open();
    const need = data.needs[0],
        card = shown(page).first();
    await card.locator('summary', { hasText: 'Read' }).click();
    const quotes = card.locator('details[open] .quote blockquote > span:first-child');
    await quotes.first().waitFor(); // they are made when it opens, a moment after the click
    assert.equal(await quotes.count(), need.verbatims.length);
    for (const [i, verbatim] of need.verbatims.entries())
        assert.equal(
            await quotes.nth(i).textContent(),
            verbatim.text
                .map((piece) => piece[0])
                .join('')
                .replaceAll('\0', '\ufffd') + (verbatim.bytes ? '…' : ''),
        );
    const marked = data.needs
        .slice(0, 20)
        .find((one) => one.verbatims.slice(0, 3).some((v) => v.text.some((piece) => piece[1] === 5)));
    if (marked) assert((await page.locator(`[id="${marked.id}"] mark.c1[title="absence"]`).count()) > 0);
    const lifted = data.needs.slice(0, 20).find((one) => Object.keys(one.cue_lift).length);
    if (lifted)
        assert.match(
            await page.locator(`[id="${lifted.id}"] .side`).innerText(),
            new RegExp(`Unlike the rest of its theme: ${Object.keys(lifted.cue_lift)[0]} in [0-9]`),
        );
    await card.locator('summary', { hasText: 'Why' }).click();
    assert((await card.locator('.why dt').count()) >= 6);
    await close();
});

test('everything is reached by keyboard', async () => {
    const { page, close } = await open();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    const seen = new Set();
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        seen.add(
            await page.evaluate(
                () =>
                    document.activeElement.id ||
                    document.activeElement.className.baseVal ||
                    document.activeElement.className ||
                    document.activeElement.tagName,
            ),
        );
    }
    for (const stop of ['scheme', 'search', 'SUMMARY']) assert(seen.has(stop), `${stop} is not among ${[...seen]}`);
    const dots = page.locator('.dot');
  const first = page.locator('.dot[tabindex="0"]');
    assert.equal(await dots.count(), data.needs.length);
    await first.focus();
    assert(await page.locator('#tip').isVisible());
    await page.keyboard.press('ArrowRight');
    const label = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    assert(label.startsWith('Need 2,'), label);
    await page.keyboard.press('Escape');
    assert(await page.locator('#tip').isHidden());
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), data.needs[1].id);
    await close();
});

test('a link leads to a need that is filtered out or far down', async () => {
    const { page, close } = await open();
    const last = data.needs.at(-1);
    await page.locator('#search').fill('no such word anywhere');
    await page.evaluate((id) => {
        location.hash = id;
    }, last.id);
    await page.waitForFunction((id) => document.activeElement.id === id, last.id);
    assert.equal(await page.locator('#search').inputValue(), '');
    await close();
});

test('a need leads to one that it is close to', async () => {
    const { page, close } = await open();
    const alike = data.needs.find((need) => need.alike && need.rank <= 20) || data.needs.find((need) => need.alike);
    assert(alike, 'the sample has one');
    await page.goto(`${page.url().split('#')[0]}#${alike.id}`);
    await page.locator(`#${alike.id} a[href="#${alike.alike}"]`).click();
    await page.waitForFunction((id) => document.activeElement.id === id, alike.alike);
    await close();
});

test('the colours can be chosen, and the page fits a phone', async () => {
    const { page, close } = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.locator('#scheme').click();
    assert.equal(await paper(), light);
    await page.locator('#scheme').click();
    assert.notEqual(await paper(), light);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'it scrolls sideways');
    await close();
});

for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
        test(`axe finds nothing serious (${colorScheme}, ${width})`, async () => {
            // axe is put in through the debugger's own channel: the page's policy stays as it is
            const { page, close } = await open({ colorScheme, viewport: { width, height: 900 } });
            for (const summary of await page.locator('#cards > .card:nth-child(-n+2) summary').all()) await summary.click();
            await page.evaluate(axe);
            const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
            const serious = result.violations.filter((v) => ['serious', 'critical'].includes(v.impact));
            assert.deepEqual(
                serious.map(
                    (v) => `${v.id}: ${v.nodes.length} x ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].failureSummary}`,
                ),
                [],
            );
            for (const [name, id] of [
                ['top', 'outcome'],
                ['curve', 'curve'],
                ['needs', 'needs'],
                ['themes', 'themes'],
                ['left-out', 'left-out'],
                ['sure', 'sure'],
            ]) {
                await page.evaluate((to) => document.getElementById(to).scrollIntoView(), id);
                await page.screenshot({ path: path.join(shots, `${name}-${width}-${colorScheme}.png`) });
            }
            await close();
        });
    }
}

test('what is in the data never becomes markup', async () => {
    const evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)><!--<script>';
    const hostile = structuredClone(data),
        need = hostile.needs[0];
    Object.assign(need, {
        name: evil,
        products: [evil],
        competitors: [evil],
        words: [evil],
        segments: [{ segment: evil, ratio: 2, q: 0.01 }],
        id: `n_"><img src=x onerror=alert(3)>`,
    });
    need.verbatims.push({
        id: evil,
        customer: evil,
        text: [
            [`\u202e${evil}\0`, 5],
            ['x'.repeat(20000), 1],
        ],
    });
    need.why.condition = evil;
    Object.assign(hostile.themes[0] || {}, { name: evil, exemplar: evil, words: [evil] });
    for (const theme of hostile.themes) theme.products = [{ name: evil, comments: 1, ratio: 1 }];
    hostile.run.inputs = [evil];
    hostile.run.rejected = [evil];
    hostile.run.columns.text = evil;
    const file = path.join(made, 'hostile.html'),
        page = readFileSync(report, 'utf8'),
        mark = 'id="data">';
    const from = page.indexOf(mark) + mark.length,
        to = page.indexOf('</script>', from);
    writeFileSync(file, page.slice(0, from) + JSON.stringify(hostile).replaceAll('<', '\\u003c') + page.slice(to));
    const { page: tab, close } = await open({ viewport: { width: 390, height: 844 } }, file);
    for (const summary of await tab.locator('summary').all()) await summary.click();
    assert.equal(await tab.locator('img').count(), 0);
    assert.equal(await tab.locator('script').count(), 2);
    assert((await shown(tab).first().locator('h3').textContent()).includes('<script>'));
    assert.equal(await tab.evaluate(() => document.documentElement.scrollWidth), 390, 'it scrolls sideways');
    await close();
});

test('a script or image that gets in is refused', async () => {
    const { page, close } = await open();
    const refused = await page.evaluate(async () => {
        const script = document.createElement('script');
        script.textContent = 'window.intruder = 1';
        const image = document.createElement('img');
        image.src = 'https://example.org/x.png';
        document.body.append(script, image);
        await new Promise((resolve) => {
            setTimeout(resolve, 200);
        });
        const list = window.violations.splice(0);
        return { intruder: window.intruder, list };
    });
    assert.equal(refused.intruder, undefined);
    assert(
        refused.list.some((text) => text.startsWith('script-src')) && refused.list.some((text) => text.startsWith('img-src')),
        String(refused.list),
    );
    await page.context().close();
});
