/**
 * Adds to package-lock.json every optional platform package that the registry at hand did not serve
 * (binaries for other systems). Without them `npm ci` of npm 11.19 and later rejects the lock as out of
 * step with package.json. Run through `npm run lock` after each change of the dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const PLATFORM = /[-/](android|darwin|freebsd|linux|openharmony|wasm32|win32)\b/;
const OS_OF = { wasm32: undefined };
const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

/** Platform fields as the packages themselves state them, read back from names like `@x/binding-linux-arm64-musl`. */
function platformOf(name) {
  const os = PLATFORM.exec(name)?.[1];
  const parts = name.split(/[-/]/);
  const cpu = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'].find((c) =>
    parts.includes(c),
  );
  const libc = parts.includes('musl') ? ['musl'] : parts.includes('gnu') ? ['glibc'] : undefined;
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(libc && { libc }),
    ...(os && !(os in OS_OF) && { os: [os] }),
  };
}

let added = 0;
for (const entry of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] || !PLATFORM.test(name)) continue;
    lock.packages[path] = {
      version,
      ...(entry.dev && { dev: true }),
      optional: true,
      ...platformOf(name),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional platform packages added`);
