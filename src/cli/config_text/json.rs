//! Arrays and members of a JSON file, also one with comments and trailing commas.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::{Map, Value};

use super::is_call;

/// Puts an element at the end of an array; one that calls the same hook is replaced.
pub fn put_entry(text: &str, at: &[&str], value: &str, agent: &str) -> Result<String, String> {
    let value = parsed(value)?;
    let root = read(text)?;
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut object = root.object_value_or_create().ok_or("it is no object")?;
    for key in path {
        object = object.object_value_or_create(key).ok_or_else(|| format!("`{key}` in it is no object"))?;
    }
    let array = object.array_value_or_create(last).ok_or_else(|| format!("`{last}` in it is no array"))?;
    let own = own_elements(&array, agent);
    match own.split_first() {
        Some((only, [])) if only.to_serde_value().as_ref() == Some(&value) => return Ok(text.to_string()),
        Some((first, others)) => {
            others.iter().for_each(|other| other.clone().remove());
            let index = first.element_index().unwrap_or_default();
            first.clone().remove();
            array.insert(index, input(&value));
        }
        None => {
            if array.elements().is_empty() {
                array.ensure_multiline();
            }
            array.append(input(&value));
        }
    }
    checked(text, &root, |value| without_entries(value, at, agent))
}

/// Takes the elements out of an array that call a hook, and what is empty then.
pub fn take_entry(text: &str, at: &[&str], agent: &str) -> Result<String, String> {
    let root = read(text)?;
    let (last, path) = at.split_last().ok_or("no key")?;
    let Some(object) = descend(&root, path) else { return Ok(text.to_string()) };
    let Some(array) = object.array_value(last) else { return Ok(text.to_string()) };
    let own = own_elements(&array, agent);
    if own.is_empty() {
        return Ok(text.to_string());
    }
    own.into_iter().for_each(CstNode::remove);
    if array.elements().is_empty() {
        remove_upwards(&root, at);
    }
    checked(text, &root, |value| without_entries(value, at, agent))
}

/// Puts a member.
pub fn put_member(text: &str, at: &[&str], value: &str) -> Result<String, String> {
    let value = parsed(value)?;
    let root = read(text)?;
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut object = root.object_value_or_create().ok_or("it is no object")?;
    for key in path {
        object = object.object_value_or_create(key).ok_or_else(|| format!("`{key}` in it is no object"))?;
    }
    match object.get(last) {
        Some(member) if member.value().and_then(|node| node.to_serde_value()).as_ref() == Some(&value) => {
            return Ok(text.to_string());
        }
        Some(member) => member.set_value(input(&value)),
        None => {
            if object.properties().is_empty() {
                object.ensure_multiline();
            }
            object.append(last, input(&value));
        }
    }
    checked(text, &root, |value| without_member(value, at))
}

/// Puts a member at the top unless there is one of that name.
pub fn give(text: &str, key: &str, value: &str) -> Result<String, String> {
    let root = read(text)?;
    let object = root.object_value_or_create().ok_or("it is no object")?;
    if object.get(key).is_some() {
        return Ok(text.to_string());
    }
    if object.properties().is_empty() {
        object.ensure_multiline();
    }
    object.insert(0, key, input(&parsed(value)?));
    checked(text, &root, |value| without_member(value, &[key]))
}

/// Takes a member out, and what is empty then.
pub fn take_member(text: &str, at: &[&str]) -> Result<String, String> {
    let root = read(text)?;
    let Some((last, path)) = at.split_last() else { return Ok(text.to_string()) };
    if descend(&root, path).and_then(|object| object.get(last)).is_none() {
        return Ok(text.to_string());
    }
    remove_upwards(&root, at);
    checked(text, &root, |value| without_member(value, at))
}

/// Whether a text is an object in which nothing is set, and no comment.
pub fn is_empty(text: &str) -> bool {
    let bare = text.split_whitespace().collect::<String>();
    bare == "{}" || bare == r#"{"version":1}"#
}

/// The strings in a text that call a hook.
pub fn commands(text: &str, agent: &str) -> Vec<String> {
    let mut found = Vec::new();
    let value = read(text).ok().and_then(|root| root.to_serde_value());
    value.iter().for_each(|value| collect(value, agent, &mut found));
    found.dedup();
    found
}

/// The elements of an array that call a hook, with their places in it.
pub fn entries(text: &str, at: &[&str], agent: &str) -> Vec<(usize, Value)> {
    let Ok(root) = read(text) else { return Vec::new() };
    let array = at.split_last().and_then(|(last, path)| descend(&root, path)?.array_value(last));
    let own = array.map(|array| own_elements(&array, agent)).unwrap_or_default();
    own.iter().filter_map(|element| Some((element.element_index()?, element.to_serde_value()?))).collect()
}

/// What a text says, also one with comments and trailing commas.
pub fn value(text: &str) -> Result<Value, String> {
    Ok(read(text)?.to_serde_value().unwrap_or_default())
}

fn collect(value: &Value, agent: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_call(text, agent) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, agent, found)),
        Value::Object(members) => members.values().for_each(|value| collect(value, agent, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn calls(value: &Value, agent: &str) -> bool {
    let mut found = Vec::new();
    collect(value, agent, &mut found);
    !found.is_empty()
}

fn read(text: &str) -> Result<CstRootNode, String> {
    CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| format!("it is no JSON: {error}"))
}

fn parsed(value: &str) -> Result<Value, String> {
    serde_json::from_str(value).map_err(|error| error.to_string())
}

/// The elements of an array that call a hook.
fn own_elements(array: &CstArray, agent: &str) -> Vec<CstNode> {
    let is_own = |element: &CstNode| element.to_serde_value().is_some_and(|value| calls(&value, agent));
    array.elements().into_iter().filter(is_own).collect()
}

fn descend(root: &CstRootNode, path: &[&str]) -> Option<CstObject> {
    path.iter().try_fold(root.object_value()?, |object, key| object.object_value(key))
}

/// Removes a member, and each object around it that is empty then.
fn remove_upwards(root: &CstRootNode, at: &[&str]) {
    for depth in (0..at.len()).rev() {
        let Some(object) = descend(root, &at[..depth]) else { return };
        if let Some(member) = object.get(at[depth]) {
            member.remove();
        }
        if !object.properties().is_empty() {
            return;
        }
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(members) => {
            CstInputValue::Object(members.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}

/// The new text, after a look that everything of others is in it as before.
fn checked(old: &str, root: &CstRootNode, without: impl Fn(Value) -> Value) -> Result<String, String> {
    let new = root.to_string();
    let value = |text: &str| read(text).map(|root| root.to_serde_value().unwrap_or(Value::Object(Map::new())));
    if without(value(old)?) == without(value(&new)?) {
        Ok(new)
    } else {
        Err("the change would touch what others wrote".into())
    }
}

fn without_entries(value: Value, at: &[&str], agent: &str) -> Value {
    pruned(value, at, &|list| match list {
        Value::Array(list) => {
            let others = list.into_iter().filter(|element| !calls(element, agent)).collect::<Vec<_>>();
            (!others.is_empty()).then_some(Value::Array(others))
        }
        other => Some(other),
    })
}

fn without_member(value: Value, at: &[&str]) -> Value {
    pruned(value, at, &|_| None)
}

/// A value in which what is at a path became something else or nothing, without the objects that are empty then.
fn pruned(value: Value, at: &[&str], change: &dyn Fn(Value) -> Option<Value>) -> Value {
    fn inner(value: Value, at: &[&str], change: &dyn Fn(Value) -> Option<Value>) -> Option<Value> {
        let Some((key, rest)) = at.split_first() else { return change(value) };
        let Value::Object(mut members) = value else { return Some(value) };
        if let Some(member) = members.get(*key).cloned() {
            match inner(member, rest, change) {
                Some(member) => {
                    members.insert((*key).to_string(), member);
                }
                None => {
                    members.shift_remove(*key);
                }
            }
        }
        (!members.is_empty()).then_some(Value::Object(members))
    }
    inner(value, at, change).unwrap_or(Value::Object(Map::new()))
}
