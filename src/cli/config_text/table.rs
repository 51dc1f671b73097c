//! A table in a TOML file.

use toml_edit::{DocumentMut, Item, Table};

/// Puts the table there, with the members of `value`.
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
        Some(Item::Table(old)) if same(old, new.as_table()) => return Ok(text.to_string()),
        Some(Item::Table(old)) => new.iter().for_each(|(key, item)| {
            old.insert(key, item.clone());
        }),
        Some(_) => return Err(format!("`{last}` is there, and no table of its own")),
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

/// Takes the table out.
pub fn take(text: &str, at: &[&str]) -> Result<String, String> {
    let mut document = read(text)?;
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut table = document.as_table_mut();
    for key in path {
        match table.get_mut(key).and_then(Item::as_table_mut) {
            Some(inner) => table = inner,
            None => return Ok(text.to_string()),
        }
    }
    if table.remove(last).is_none() {
        return Ok(text.to_string());
    }
    Ok(document.to_string())
}

fn same(old: &Table, new: &Table) -> bool {
    let written = |item: &Item| item.to_string().trim().to_string();
    new.iter().all(|(key, item)| old.get(key).is_some_and(|old| written(old) == written(item)))
}

fn read(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: toml_edit::TomlError| format!("it is no TOML: {}", error.message()))
}
