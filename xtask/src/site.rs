//! Lays out `frontend/dist`. Each file but the page itself and `config.json` carries a hash of its
//! content in its name, so that browsers may keep it for ever.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::paths::Workspace;

/// Sent as one file, in this order.
const STYLES: [&str; 12] =
    ["tokens", "base", "parts", "frame", "layout", "table", "form", "schedule", "activity", "detail", "log", "tenancy"];

/// What the console is made of.
#[derive(Debug)]
pub struct Site<'a> {
    pub workspace: &'a Workspace,
    /// Where the modules are.
    pub from: &'a Path,
    /// `main.js` and `main_bg.wasm`.
    pub main: &'a str,
    /// The script that loads the parts. It and that of the main module name each other.
    pub loader: &'a str,
    /// The modules that are loaded later, without `.wasm`.
    pub parts: &'a [String],
}

impl Site<'_> {
    pub fn write(&self) -> Result<()> {
        let dist = self.workspace.dist();
        if dist.exists() {
            fs::remove_dir_all(&dist).context("cannot empty frontend/dist")?;
        }
        fs::create_dir_all(&dist).context("cannot make frontend/dist")?;
        if self.from.join("snippets").exists() {
            bail!("a dependency of the console brings scripts of its own, which nothing here would deliver");
        }

        let mut loader = self.text(&format!("{}.js", self.loader))?;
        for part in self.parts {
            let name = self.keep(part, "wasm", &self.bytes(&format!("{part}.wasm"))?)?;
            loader = replaced(&loader, &format!("\"./{part}.wasm\""), &format!("\"./{name}\""))?;
        }
        let wasm = self.keep(self.main, "wasm", &self.bytes(&format!("{}_bg.wasm", self.main))?)?;
        let script = self.scripts(&loader)?;
        let style = self.keep("console", "css", self.styles()?.as_bytes())?;
        let boot = self.keep("boot", "js", &fs::read(self.source("static/boot.js")).context("cannot read boot.js")?)?;
        let icon =
            self.keep("icon", "svg", &fs::read(self.source("static/icon.svg")).context("cannot read icon.svg")?)?;

        let mut page = fs::read_to_string(self.source("index.html")).context("cannot read index.html")?;
        let names = [("{style}", style), ("{boot}", boot), ("{icon}", icon), ("{script}", script), ("{wasm}", wasm)];
        for (place, name) in names {
            page = replaced(&page, place, &name)?;
        }
        fs::write(dist.join("index.html"), page).context("cannot write index.html")?;
        fs::copy(self.source("static/config.json"), dist.join("config.json")).context("cannot copy config.json")?;
        Ok(())
    }

    /// The two scripts name each other, so they share a hash, of both as they are before that.
    fn scripts(&self, loader: &str) -> Result<String> {
        let main = self.text(&format!("{}.js", self.main))?;
        let hash = hash(&[main.as_bytes(), loader.as_bytes()]);
        let (old_main, old_loader) = (format!("./{}.js", self.main), format!("./{}.js", self.loader));
        let (new_main, new_loader) = (format!("{}-{hash}.js", self.main), format!("{}-{hash}.js", self.loader));
        // Only where it imports: the table of imports goes by the name that is in the module.
        let main = replaced(&main, &format!("from\"{old_loader}\""), &format!("from\"./{new_loader}\""))?;
        let loader = replaced(loader, &old_main, &format!("./{new_main}"))?;
        let dist = self.workspace.dist();
        fs::write(dist.join(&new_main), main).context("cannot write the console's script")?;
        fs::write(dist.join(new_loader), loader).context("cannot write the loader")?;
        Ok(new_main)
    }

    /// All styles without their comments.
    fn styles(&self) -> Result<String> {
        let folder = fs::read_dir(self.workspace.join("style")).context("cannot read the folder of the styles")?;
        if folder.count() != STYLES.len() {
            bail!("`STYLES` in xtask/src/site.rs does not name every file of the folder `style`");
        }
        let mut all = String::new();
        for name in STYLES {
            let file = self.workspace.join(&format!("style/{name}.css"));
            let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("/*") {
                all.push_str(before);
                rest = after.split_once("*/").with_context(|| format!("a comment without end in {name}.css"))?.1;
            }
            all.push_str(rest);
        }
        Ok(all.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
    }

    /// Writes a file under a name with its hash and returns that.
    fn keep(&self, stem: &str, kind: &str, content: &[u8]) -> Result<String> {
        let name = format!("{stem}-{}.{kind}", hash(&[content]));
        fs::write(self.workspace.dist().join(&name), content).with_context(|| format!("cannot write {name}"))?;
        Ok(name)
    }

    fn source(&self, name: &str) -> std::path::PathBuf {
        self.workspace.join("frontend").join(name)
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.from.join(name)).with_context(|| format!("cannot read {name}"))
    }

    fn text(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.from.join(name)).with_context(|| format!("cannot read {name}"))
    }
}

/// With every `old` replaced; one that is not there would leave a name that nothing answers to.
fn replaced(text: &str, old: &str, new: &str) -> Result<String> {
    if !text.contains(old) {
        bail!("`{old}` is missing where it should be replaced by `{new}`");
    }
    Ok(text.replace(old, new))
}

fn hash(contents: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_follows_the_content() {
        assert_eq!(hash(&[b"a"]), hash(&[b"a"]));
        assert_ne!(hash(&[b"a"]), hash(&[b"b"]));
        assert_ne!(hash(&[b"a", b"b"]), hash(&[b"ab"]));
        assert_eq!(hash(&[b"a"]).len(), 16);
    }

    #[test]
    fn a_place_that_is_not_there_is_an_error() {
        assert_eq!(replaced("a b a", "a", "c").unwrap(), "c b c");
        assert!(replaced("a b a", "d", "c").is_err());
    }
}
