#!/bin/sh
# Fetches the look of the pages (NL Design System) and htmx, as locked in deploy/look, and copies the few files
# that are served to gateway/web/static/vendor, which is never committed. Run by make, from the root.
set -eu

BUILD=build/look
TO=gateway/web/static/vendor

echo "setup: fetching the look of the pages"
sh deploy/npm.sh deploy/look "$BUILD"

FROM=$BUILD/node_modules
rm -rf "$TO"
mkdir -p "$TO"
cp "$FROM/@utrecht/component-library-css/dist/html.css" "$TO/components.css"
cp "$FROM/@utrecht/component-library-css/LICENSE.md" "$TO/components.LICENSE.md"
cp "$FROM/htmx.org/dist/htmx.min.js" "$TO"
cp "$FROM/htmx.org/LICENSE" "$TO/htmx.LICENSE.txt"
cp "$FROM/@nl-design-system-unstable/voorbeeld-design-tokens/LICENSE.md" "$TO/theme.LICENSE.md"
# Last, because make takes this one for the sign that all are there.
cp "$FROM/@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css" "$TO/theme.css"
rm -rf "$BUILD"
