import { expect, test } from "../fixtures/test.ts";

const rows = 10_000;

test("10,000 rows are scrolled through", async ({ console: page, api }) => {
  test.setTimeout(240_000);
  const titles = Array.from({ length: rows }, (_, index) => `Row ${String(index + 1).padStart(5, "0")}`);
  await api.scripts(titles, "#!/bin/sh\ntrue\n");
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === "/api/v2/scripts") asked.push(searchParams.get("offset") ?? "");
  });
  await page.goto("/scripts?search=Row+");
  await expect(page.getByRole("status").filter({ hasText: "10,000 match" })).toBeVisible();

  const { times, drawn, most } = await page.evaluate(async () => {
    const scroller = document.querySelector(".list-scroll");
    const body = scroller?.querySelector("tbody");
    if (!scroller || !body) throw new Error("there is nothing to scroll");
    let drawn = 0;
    let most = body.rows.length;
    const watch = new MutationObserver((changes) => {
      drawn += changes.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0);
      most = Math.max(most, body.rows.length);
    });
    watch.observe(body, { childList: true });
    const times: number[] = [];
    let before = await new Promise<number>((done) => requestAnimationFrame(done));
    const steps = 240;
    for (let step = 1; step <= steps; step += 1) {
      scroller.scrollTop = ((scroller.scrollHeight - scroller.clientHeight) * step) / steps;
      const now = await new Promise<number>((done) => requestAnimationFrame(done));
      times.push(now - before);
      before = now;
    }
    return { times: times.sort((a, b) => a - b), drawn, most };
  });
  // What the time for a frame is made of, which is the same on every machine.
  expect(most, "only what is on screen is in the document").toBeLessThan(60);
  expect(drawn, "no row is drawn over and over").toBeLessThan(1.2 * rows);
  await expect(page.getByRole("link", { name: "Row 10000" })).toBeVisible();
  expect(asked.toSorted(), "each hundred is fetched once").toEqual(Array.from({ length: rows / 100 }, (_, page) => String(page * 100)).toSorted());

  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const figures = { frames: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
  console.log(`frame times over ${rows} rows, ms: ${JSON.stringify(figures, (_, value: unknown) => (typeof value === "number" ? Math.round(value * 10) / 10 : value))}`);
  await test.info().attach("frame-times", { body: JSON.stringify({ figures, times }), contentType: "application/json" });
});
