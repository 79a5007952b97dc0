#!/bin/sh
# Fetches the browser-side files again from npm and compiles the NHS CSS with its web font off. Needs npm and the network; nothing
# else in the build does. Run from the root of the repository: `make vendor`. README.md beside this holds the checksums.
set -eu

NHSUK=10.6.1
HTMX=4.0.1
AXE=4.14.1
SASS=1.108.2

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock \
    "nhsuk-frontend@$NHSUK" "htmx.org@$HTMX" "axe-core@$AXE" "sass@$SASS"

nhsuk="$root/static/vendor/nhsuk-frontend-$NHSUK"
mkdir -p "$nhsuk" "$root/tests/vendor/axe-core-$AXE"
cat > changeover.scss <<SCSS
@use "nhsuk-frontend/dist/nhsuk" with (
  \$nhsuk-include-font-face: false,
  \$nhsuk-font-family: ("Arial", sans-serif),
  \$nhsuk-assets-path: "/static/vendor/nhsuk-frontend-$NHSUK/"
);
SCSS
npx sass --load-path=node_modules --style=compressed --no-source-map --quiet-deps \
    changeover.scss "$nhsuk/nhsuk-frontend.css"
# The source map is not vendored, so the line that names it would be a 404 in every developer's console.
sed '/^\/\/# sourceMappingURL=/d' node_modules/nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.js > "$nhsuk/nhsuk-frontend.min.js"
# Only the icons that the compiled CSS asks for; the NHS logo and favicon are not ours to ship.
mkdir -p "$nhsuk/images"
for icon in $(grep -o 'images/[a-z-]*\.svg' "$nhsuk/nhsuk-frontend.css" | sort -u); do
    cp "node_modules/nhsuk-frontend/dist/nhsuk/assets/$icon" "$nhsuk/$icon"
done
sed '/^\/\/# sourceMappingURL=/d' node_modules/htmx.org/dist/htmx.min.js > "$root/static/vendor/htmx-$HTMX.min.js"
sed '/^\/\/# sourceMappingURL=/d' node_modules/htmx.org/dist/ext/hx-csp.min.js > "$root/static/vendor/htmx-hx-csp-$HTMX.min.js"
cp node_modules/axe-core/axe.min.js "$root/tests/vendor/axe-core-$AXE/axe.min.js"
cp node_modules/axe-core/LICENSE "$root/tests/vendor/axe-core-$AXE/LICENSE"

cd "$root"
if grep -ao 'https\?://[a-z.]*nhs\.uk[^"'"'"') ]*' "$nhsuk/nhsuk-frontend.css"; then
    echo "The compiled CSS still names an outside address" >&2
    exit 1
fi
sha256sum "static/vendor/nhsuk-frontend-$NHSUK"/*.* "static/vendor/nhsuk-frontend-$NHSUK"/images/* static/vendor/*.js "tests/vendor/axe-core-$AXE"/*
