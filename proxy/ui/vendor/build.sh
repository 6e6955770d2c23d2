#!/bin/sh
# Bundles the page's libraries anew into ../assets/vendor: node and npm are needed here only, never by users.
# Change a version in package.json, run `npm install --package-lock-only --ignore-scripts`, then this.
set -eu
cd "$(dirname "$0")"
out=../assets/vendor
npm ci --ignore-scripts
for name in flamegraph highlight; do
    node_modules/.bin/esbuild "$name.entry.js" --bundle --minify --keep-names --format=esm --target=es2022 \
        --loader:.css=empty --legal-comments=inline --charset=utf8 --log-level=warning --outfile="$out/$name.js"
done
# Whatever a bundle holds, its licence lies beside it, with the version that was bundled.
{
    echo "The libraries in this folder, their versions and their licences."
    for folder in $(npm ls --omit=dev --all --parseable | tail -n +2 | sort -u); do
        printf '\n== %s %s\n\n' "$(node -p "require('$folder/package.json').name")" \
            "$(node -p "require('$folder/package.json').version")"
        cat "$folder"/LICENSE*
    done
} > "$out/LICENSES.txt"
rm -rf node_modules
