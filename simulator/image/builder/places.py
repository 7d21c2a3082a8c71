"""Where tools keep things: caches, module folders and targets, by the variables that move them."""

from __future__ import annotations

from simulator.image.builder.session import Session


def places(session: Session) -> dict[str, str]:
    """The folders of the tools, by the names that the cost table uses."""

    def first(*names: str, default: str) -> str:
        return next((v for v in map(session.variable, names) if v), default)

    home, cwd = session.home, session.cwd.rstrip("/")
    gopath = first("GOPATH", default=f"{home}/go").split(":")[0]
    cargo = first("CARGO_HOME", default=f"{home}/.cargo")
    rooted = session.is_root
    yarn = "/usr/local/share/.cache/yarn" if rooted else f"{home}/.cache/yarn"
    pnpm = first("PNPM_HOME", default=f"{home}/.local/share/pnpm")
    composer = first("COMPOSER_HOME", default=f"{home}/.composer")
    return {
        "gopath": gopath,
        "gomod": first("GOMODCACHE", default=f"{gopath}/pkg/mod"),
        "gocache": first("GOCACHE", default=f"{home}/.cache/go-build"),
        "gobin": first("GOBIN", default=f"{gopath}/bin"),
        "cargo": cargo,
        "cargo_target": first("CARGO_TARGET_DIR", default=f"{cwd}/target"),
        "npm": first("NPM_CONFIG_CACHE", "npm_config_cache", default=f"{home}/.npm"),
        "npm_prefix": first("NPM_CONFIG_PREFIX", default=_prefix("npm", session)),
        "yarn": first("YARN_CACHE_FOLDER", default=yarn),
        "pnpm": first("npm_config_store_dir", default=f"{pnpm}/store"),
        "bun": first("BUN_INSTALL_CACHE_DIR", default=f"{home}/.bun/install/cache"),
        "maven": f"{home}/.m2/repository",
        "gradle": first("GRADLE_USER_HOME", default=f"{home}/.gradle"),
        "nuget": first("NUGET_PACKAGES", default=f"{home}/.nuget/packages"),
        "bundle": first("BUNDLE_PATH", "GEM_HOME", default="/usr/local/bundle"),
        "composer": first("COMPOSER_CACHE_DIR", default=f"{composer}/cache"),
        "conda": first("CONDA_DIR", "MAMBA_ROOT_PREFIX", default="/opt/conda"),
    }


def _prefix(program: str, session: Session) -> str:
    """The folder above the bin folder that a program is in."""
    found = session.where(program) or f"/usr/local/bin/{program}"
    return found.removesuffix(f"/bin/{program}") or "/usr/local"
