//! Builds the console: compiles it, cuts it into the parts that pages load, binds it to
//! JavaScript, makes it small. ADR 0011 says why this is not left to a bundler.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::paths::Workspace;
use crate::site::Site;
use crate::timing::step;
use crate::{node, shell, tools};

/// What the compiler may use, and wasm-opt has to be told.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// The module that all parts belong to, and the one that loads the others.
const MAIN: &str = "console";
const LOADER: &str = "loader";

/// Makes `frontend/dist`.
pub fn build(workspace: &Workspace) -> Result<()> {
    step("console (cargo build for the browser)", || compile(workspace))?;
    step("console (split, bind, optimise, compress)", || {
        let work = workspace.target().join("console");
        let (parts, bound) = (work.join("parts"), work.join("bound"));
        for folder in [&parts, &bound] {
            if folder.exists() {
                fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
            }
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let names = split(&compiled(workspace), &parts)?;
        bind(workspace, &parts, &bound)?;
        optimise(workspace, &names, &parts, &bound)?;
        minify(workspace, &bound)?;
        Site { workspace, from: &bound, main: MAIN, loader: LOADER, parts: &names }.write()?;
        shell::run(shell::command("node", &workspace.join("frontend")).args(["compress.mjs", "dist"]))
    })
}

fn compile(workspace: &Workspace) -> Result<()> {
    shell::run(
        shell::cargo(workspace.root())
            .args(["rustc", "--locked", "--package", "binnacle-console"])
            .args(["--profile", "wasm", "--target", tools::WASM])
            // Relocations say which function needs which: what the splitter works from.
            .args(["--", "-C", "link-arg=--emit-relocs"]),
    )
}

fn compiled(workspace: &Workspace) -> PathBuf {
    workspace.target().join(tools::WASM).join("wasm/binnacle-console.wasm")
}

/// Cuts the program at its split points. Returns the names of the parts, without that of the main
/// module.
fn split(program: &Path, parts: &Path) -> Result<Vec<String>> {
    let input = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let (main_path, main_module, link_name) =
        (parts.join(format!("{MAIN}.wasm")), format!("./{MAIN}.js"), format!("./{LOADER}.js"));
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = parts;
    options.main_out_path = &main_path;
    options.main_module = &main_module;
    options.link_name = &link_name;
    let made =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cannot split the console: {error:?}"))?;
    let mut names: Vec<String> = made
        .split_modules
        .iter()
        .filter(|file| file.is_file())
        .filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn bind(workspace: &Workspace, parts: &Path, bound: &Path) -> Result<()> {
    shell::run(
        shell::command(workspace.cargo_tools().join("bin/wasm-bindgen"), workspace.root())
            .args(["--target", "web", "--no-typescript", "--out-name", MAIN])
            // The parts use some of what the linker exports.
            .arg("--keep-lld-exports")
            .arg("--out-dir")
            .arg(bound)
            .arg(parts.join(format!("{MAIN}.wasm"))),
    )?;
    let loader = format!("{LOADER}.js");
    fs::copy(parts.join(&loader), bound.join(&loader)).context("cannot copy the loader")?;
    Ok(())
}

fn optimise(workspace: &Workspace, names: &[String], parts: &Path, bound: &Path) -> Result<()> {
    let main = bound.join(format!("{MAIN}_bg.wasm"));
    let others = names.iter().map(|name| (parts.join(format!("{name}.wasm")), bound.join(format!("{name}.wasm"))));
    for (from, to) in others.chain([(main.clone(), main)]) {
        // What it says, it says to those who write such tools.
        shell::read(
            shell::command(node::bin(workspace, "frontend").join("wasm-opt"), workspace.root())
                .arg("-Oz")
                .args(FEATURES)
                .arg(from)
                .arg("-o")
                .arg(to),
        )?;
    }
    Ok(())
}

/// The scripts, without what only people read.
fn minify(workspace: &Workspace, bound: &Path) -> Result<()> {
    for name in [MAIN, LOADER] {
        let script = bound.join(format!("{name}.js"));
        shell::run(
            shell::command(node::bin(workspace, "frontend").join("esbuild"), workspace.root())
                .args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning", "--allow-overwrite"])
                .arg(format!("--outfile={}", script.display()))
                .arg(&script),
        )?;
    }
    Ok(())
}
