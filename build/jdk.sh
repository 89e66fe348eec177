# Sourced by ./bell and the benchmarks: where is a JDK 25?

is_jdk_25() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] && grep -q '^JAVA_VERSION="25[".+-]' "$1/release"
}

find_jdk() {
  local candidate
  for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/*25* /opt/java/* /usr/local/*25* \
    "$HOME"/.sdkman/candidates/java/25* "$HOME"/.jdks/*25* "$HOME"/.local/share/mise/installs/java/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  if [ -x /usr/libexec/java_home ] && candidate="$(/usr/libexec/java_home -v 25 2>/dev/null)" &&
    is_jdk_25 "$candidate"; then
    echo "$candidate"
    return
  fi
  if candidate="$(command -v java)"; then
    candidate="$(dirname "$(dirname "$(readlink -f "$candidate")")")"
    if is_jdk_25 "$candidate"; then
      echo "$candidate"
    fi
  fi
}
