import type { Page, Response } from "@playwright/test";
import { expect, test } from "../fixtures/test.ts";
import { administrator } from "../fixtures/server.ts";

/** Sign-in, frame and the list one starts with: all bytes of the console, as they cross the wire. */
const budget = 350_000;
/** What any other page may load on top of that, with all it shares with others. */
const page_budget = 250_000;

/** Notes what the console loads of itself. */
function watch(page: Page, origin: string) {
  const files = new Map<string, Response>();
  page.on("response", (response) => {
    const { pathname, origin: from } = new URL(response.url());
    if (from === origin && !pathname.startsWith("/api/")) files.set(pathname, response);
  });
  return {
    files,
    async sizes(): Promise<Map<string, number>> {
      const sizes = new Map<string, number>();
      for (const [path, response] of files) sizes.set(path, (await response.request().sizes()).responseBodySize);
      return sizes;
    },
  };
}

const sum = (sizes: Map<string, number>) => [...sizes.values()].reduce((total, size) => total + size, 0);
const print = (sizes: Map<string, number>) => JSON.stringify(Object.fromEntries(sizes), null, 2);

test("the first load is small, compressed, and browsers may keep it", async ({ page, server }, info) => {
  const loaded = watch(page, server.url);
  await page.goto("/sign-in");
  await page.getByLabel("User name or email").fill(administrator.identity);
  await page.getByLabel("Password", { exact: true }).fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Computers");
  await page.waitForLoadState("networkidle");

  const sizes = await loaded.sizes();
  info.annotations.push({ type: "first load", description: `${sum(sizes)} bytes` });
  expect([...sizes.keys()].some((path) => path.endsWith(".wasm")), print(sizes)).toBe(true);
  expect(sum(sizes), print(sizes)).toBeLessThanOrEqual(budget);

  for (const [path, response] of loaded.files) {
    const headers = await response.allHeaders();
    if (path === "/config.json") {
      expect(headers["cache-control"], path).toBe("no-cache");
      continue;
    }
    expect(headers["content-encoding"], `encoding of ${path}`).toBe("br");
    if (path === "/sign-in") {
      expect(headers["cache-control"], path).toBe("no-cache");
      expect(headers["etag"], path).toBeTruthy();
    } else {
      expect(path, "a hash of the content in the name").toMatch(/-[0-9a-f]{16}\.(css|js|svg|wasm)$/);
      expect(headers["cache-control"], path).toMatch(/immutable/);
    }
  }
});

for (const address of [
  "/scripts",
  "/script-profiles/create",
  "/activities/1",
  "/computers/1",
  "/script-profiles/1",
  "/secrets",
  "/deployment-filters/create",
]) {
  test(`${address} loads only what it needs`, async ({ console: page, server, noErrors }) => {
    noErrors.expected.push(/status of 404/);
    const first = watch(page, server.url);
    await page.goto("/computers");
    await page.waitForLoadState("networkidle");
    const before = await first.sizes();
    await page.goto(address);
    await page.waitForLoadState("networkidle");
    const further = new Map([...(await first.sizes())].filter(([path]) => !before.has(path)));
    expect(sum(further), print(further)).toBeGreaterThan(0);
    expect(sum(further), print(further)).toBeLessThanOrEqual(page_budget);
  });
}

test("the page may not run or style anything inline", async ({ page, noErrors }) => {
  noErrors.expected.push(/Content Security Policy/);
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  const broken = await page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
    document.body.setAttribute("style", "color: red");
    const script = document.createElement("script");
    script.textContent = "document.title = 'run'";
    document.body.append(script);
    await new Promise((done) => setTimeout(done));
    return seen;
  });
  expect(broken.sort()).toEqual(["script-src-elem", "style-src-attr"]);
  await expect(page).not.toHaveTitle("run");
});
