//! Our MCP server as a table in a TOML file.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use crate::hooks::setup::is_server;

/// Puts the table there, with the members of `value`; of a table that is there only the program and its arguments.
pub fn put(text: &str, at: &[&str], value: &str) -> Result<String, String> {
    let mut document = read(text)?;
    // The value is ours.
    let new = value.parse::<DocumentMut>().map_err(|error| error.to_string())?;
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut table = document.as_table_mut();
    for key in path {
        let item = table.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        table = item.as_table_mut().ok_or_else(|| format!("`{key}` is no table of its own"))?;
    }
    match table.get_mut(last) {
        Some(Item::Table(old)) if serves(&*old) => new.iter().for_each(|(key, item)| set(old, key, item)),
        Some(_) => return Err(format!("there is another `{last}`")),
        None => {
            let mut new = new.as_table().clone();
            if !text.trim().is_empty() {
                new.decor_mut().set_prefix("\n");
            }
            table.insert(last, Item::Table(new));
        }
    }
    Ok(document.to_string())
}

/// Takes the table out, when it is ours and nothing of others is in it.
pub fn take(text: &str, at: &[&str], value: &str) -> Result<String, String> {
    let mut document = read(text)?;
    let Some(table) = server(&mut document, at) else { return Ok(text.to_string()) };
    let ours = value.parse::<DocumentMut>().map_err(|error| error.to_string())?;
    let foreign = table.iter().map(|(key, _)| key.to_string()).find(|key| !ours.contains_key(key));
    if let Some(key) = foreign {
        return Err(format!("somebody put `{key}` into `[{}]`; take the table out by hand", at.join(".")));
    }
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in path {
        table = table.get_mut(key).and_then(Item::as_table_like_mut).ok_or("it is gone")?;
    }
    table.remove(last);
    let new = document.to_string();
    if !comments(text).eq(comments(&new)) {
        return Err(format!("there is a comment at `[{}]`; take the table out by hand", at.join(".")));
    }
    Ok(new)
}

/// Whether our server is there.
pub fn is_in(text: &str, at: &[&str]) -> bool {
    read(text).is_ok_and(|mut document| server(&mut document, at).is_some())
}

/// The table, when it is our server.
fn server<'a>(document: &'a mut DocumentMut, at: &[&str]) -> Option<&'a mut dyn TableLike> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in at {
        table = table.get_mut(key)?.as_table_like_mut()?;
    }
    serves(table).then_some(table)
}

fn serves(table: &dyn TableLike) -> bool {
    let arguments = table.get("args").and_then(Item::as_array).into_iter().flatten();
    let words =
        table.get("command").and_then(Item::as_str).into_iter().chain(arguments.filter_map(|word| word.as_str()));
    is_server(&words.collect::<Vec<_>>())
}

/// Sets a value; blanks and comments around it stay.
fn set(table: &mut Table, key: &str, new: &Item) {
    let written = |item: &Item| item.to_string().trim().to_string();
    match (table.get_mut(key), new.as_value()) {
        (Some(Item::Value(old)), Some(new))
            if written(&Item::Value(old.clone())) != written(&Item::Value(new.clone())) =>
        {
            let decor = old.decor().clone();
            *old = new.clone();
            *old.decor_mut() = decor;
        }
        (Some(_), _) => {}
        (None, _) => {
            table.insert(key, new.clone());
        }
    }
}

/// The lines that may have a comment.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.contains('#'))
}

/// Reads a text that comes out again as it is.
fn read(text: &str) -> Result<DocumentMut, String> {
    let document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| format!("it is no TOML: {}", error.message()))?;
    if document.to_string().trim_end() == text.trim_end() {
        Ok(document)
    } else {
        Err("its lines end in different ways".into())
    }
}
