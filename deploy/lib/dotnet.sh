# shellcheck shell=bash
# Finds the .NET SDK that global.json asks for.

# Puts `dotnet` into PATH and exports DOTNET_ROOT (published programs look there for the runtime), or dies saying what to do.
find_dotnet() {
  local root=$1 candidate wanted
  wanted=$(sed -n 's/.*"version": *"\([0-9]*\)\..*/\1/p' "$root/global.json" | head -n 1)
  for candidate in "${DOTNET_ROOT:-}" "$(dirname "$(readlink -f "$(command -v dotnet || echo /nonexistent/dotnet)")")" \
    "${HOME:-/nonexistent}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet /opt/dotnet; do
    if [ -n "$candidate" ] && [ -x "$candidate/dotnet" ] && "$candidate/dotnet" --list-sdks | grep -q "^$wanted\."; then
      export DOTNET_ROOT=$candidate DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
      PATH=$candidate:$PATH
      export PATH
      return
    fi
  done
  die "the .NET SDK $wanted is not installed. Install it (https://dotnet.microsoft.com/download/dotnet/$wanted.0, or the package dotnet-sdk-$wanted.0 of your distribution) and start this again."
}
