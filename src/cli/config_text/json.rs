//! Hooks and servers in a JSON file, also one with comments and trailing commas.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::{Map, Value};

use crate::hooks::setup::{is_command, is_server};

/// The members of a handler that hold command lines.
const LINES: [&str; 6] = ["command", "bash", "powershell", "windows", "linux", "osx"];

/// Puts a hook at the end of an array; of one that is there only the command line is set.
pub fn put_entry(text: &str, at: &[&str], value: &str, agent: &str) -> Result<String, String> {
    let value = parsed(value)?;
    let root = read(text)?;
    let (last, object) = parent(&root, at)?;
    let array = object.array_value_or_create(last).ok_or_else(|| format!("`{last}` in it is no array"))?;
    let own = own_handlers(&array, agent);
    let line =
        lines(value.pointer("/hooks/0").unwrap_or(&value)).first().map(ToString::to_string).ok_or("no command")?;
    if own.is_empty() {
        if array.elements().is_empty() {
            array.ensure_multiline();
        }
        array.append(input(&value));
    }
    for (_, handler) in own {
        for member in LINES.iter().filter_map(|key| handler.get(key)) {
            if member.value().and_then(|value| value.to_serde_value()) != Some(Value::from(&*line)) {
                member.set_value(CstInputValue::String(line.clone()));
            }
        }
    }
    checked(text, &root, |value| without_entries(value, at, agent))
}

/// Takes our hooks out of an array, and what is empty then.
pub fn take_entry(text: &str, at: &[&str], agent: &str) -> Result<String, String> {
    let root = read(text)?;
    let Some(array) = at.split_last().and_then(|(last, path)| descend(&root, path)?.array_value(last)) else {
        return Ok(text.to_string());
    };
    let own = own_handlers(&array, agent);
    if own.is_empty() {
        return Ok(text.to_string());
    }
    for (group, handler) in own {
        handler.remove();
        if let Some(group) =
            group.filter(|group| group.array_value("hooks").is_some_and(|list| list.elements().is_empty()))
        {
            group.remove();
        }
    }
    if array.elements().is_empty() {
        remove_upwards(&root, at);
    }
    checked(text, &root, |value| without_entries(value, at, agent))
}

/// Whether a hook of ours is in an array.
pub fn has_entry(text: &str, at: &[&str], agent: &str) -> bool {
    let is_in = |hooks: &Value| hooks.as_array().is_some_and(|hooks| hooks.iter().any(|hook| is_own(hook, agent)));
    let list = find(text, at);
    list.is_some_and(|list| is_in(&list) || list.as_array().into_iter().flatten().any(|group| is_in(&group["hooks"])))
}

/// Puts our server; of one that is there only the program and its arguments are set.
pub fn put_member(text: &str, at: &[&str], value: &str) -> Result<String, String> {
    let value = parsed(value)?;
    let root = read(text)?;
    let (last, object) = parent(&root, at)?;
    let is_ours = |server: &CstObject| server.to_serde_value().is_some_and(|there| serves(&there));
    match object.get(last).map(|member| member.object_value().filter(is_ours)) {
        Some(Some(server)) => {
            for (key, new) in value.as_object().into_iter().flatten() {
                match server.get(key) {
                    Some(member) if !matches!(&**key, "command" | "args") || same(&member.value(), new) => {}
                    Some(member) => member.set_value(input(new)),
                    None => drop(server.append(key, input(new))),
                }
            }
        }
        Some(None) => return Err(format!("there is another `{last}`")),
        None => {
            if object.properties().is_empty() {
                object.ensure_multiline();
            }
            object.append(last, input(&value));
        }
    }
    checked(text, &root, |whole| without_server(whole, at, &value))
}

/// Takes our server out, and what is empty then.
pub fn take_member(text: &str, at: &[&str], value: &str) -> Result<String, String> {
    let value = parsed(value)?;
    let root = read(text)?;
    let Some(server) = find(text, at).filter(serves) else { return Ok(text.to_string()) };
    let foreign = server.as_object().into_iter().flatten().find(|(key, _)| value.get(key).is_none());
    if let Some((key, _)) = foreign {
        return Err(format!("somebody put `{key}` into `{}`; take it out by hand", at.join(".")));
    }
    remove_upwards(&root, at);
    checked(text, &root, |whole| without_server(whole, at, &value))
}

/// Whether our server is there.
pub fn has_server(text: &str, at: &[&str]) -> bool {
    find(text, at).is_some_and(|server| serves(&server))
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
    checked(text, &root, |value| pruned(value, &[key], &|_| None))
}

/// Whether a text is an object in which nothing is set, and no comment.
pub fn is_empty(text: &str) -> bool {
    let bare = text.split_whitespace().collect::<String>();
    bare == "{}" || bare == r#"{"version":1}"#
}

/// The command lines in a text that call a hook.
pub fn commands(text: &str, agent: &str) -> Vec<String> {
    let mut found = Vec::new();
    let value = read(text).ok().and_then(|root| root.to_serde_value());
    value.iter().for_each(|value| collect(value, agent, &mut found));
    found.dedup();
    found
}

/// A value with the objects around it.
pub fn nested(at: &[&str], value: &str) -> String {
    at.iter().rev().fold(value.to_string(), |inner, key| format!("{{{}: {inner}}}", Value::from(*key)))
}

/// The elements of an array that call a hook, with their places in it.
pub fn entries(text: &str, at: &[&str], agent: &str) -> Vec<(usize, Value)> {
    let list = find(text, at).and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let is_in = |element: &Value| {
        is_own(element, agent)
            || element["hooks"].as_array().is_some_and(|hooks| hooks.iter().any(|hook| is_own(hook, agent)))
    };
    list.into_iter().enumerate().filter(|(_, element)| is_in(element)).collect()
}

/// What a text says, also one with comments and trailing commas.
pub fn value(text: &str) -> Result<Value, String> {
    Ok(read(text)?.to_serde_value().unwrap_or_default())
}

fn collect(value: &Value, agent: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(_) if is_own(value, agent) => found.extend(lines(value).iter().map(ToString::to_string)),
        Value::Object(members) => members.values().for_each(|value| collect(value, agent, found)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, agent, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The command lines of a handler.
fn lines(handler: &Value) -> Vec<&str> {
    LINES.iter().filter_map(|key| handler.get(key)?.as_str()).collect()
}

/// Whether a handler calls our hook, and does nothing else.
fn is_own(handler: &Value, agent: &str) -> bool {
    let lines = lines(handler);
    !lines.is_empty() && lines.iter().all(|line| is_command(line, agent))
}

/// Whether a server is ours. Its program and arguments are apart, or in one list.
fn serves(server: &Value) -> bool {
    let parts = [&server["command"], &server["args"]];
    let words = parts.iter().flat_map(|part| match part {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        part => part.as_str().into_iter().collect::<Vec<_>>(),
    });
    is_server(&words.collect::<Vec<_>>())
}

fn same(there: &Option<CstNode>, value: &Value) -> bool {
    there.as_ref().and_then(CstNode::to_serde_value).as_ref() == Some(value)
}

fn read(text: &str) -> Result<CstRootNode, String> {
    CstRootNode::parse(text, &ParseOptions::default()).map_err(|error| format!("it is no JSON: {error}"))
}

fn parsed(value: &str) -> Result<Value, String> {
    serde_json::from_str(value).map_err(|error| error.to_string())
}

/// The value at a path.
fn find(text: &str, at: &[&str]) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = read(text).ok()?.to_serde_value()?;
    at.iter().try_fold(&root, |value, key| value.get(key)).cloned()
}

/// Our handlers in an array, with the groups that they are in.
fn own_handlers(array: &CstArray, agent: &str) -> Vec<(Option<CstObject>, CstObject)> {
    let is_own = |object: &CstObject| object.to_serde_value().is_some_and(|value| is_own(&value, agent));
    let objects = |array: &CstArray| array.elements().into_iter().filter_map(|element| element.as_object());
    let mut found = Vec::new();
    for element in objects(array) {
        if is_own(&element) {
            found.push((None, element));
        } else if let Some(hooks) = element.array_value("hooks") {
            found.extend(objects(&hooks).filter(is_own).map(|handler| (Some(element.clone()), handler)));
        }
    }
    found
}

/// The last key, and the object that it is in; what is missing is made.
fn parent<'a>(root: &CstRootNode, at: &[&'a str]) -> Result<(&'a str, CstObject), String> {
    let (last, path) = at.split_last().ok_or("no key")?;
    let mut object = root.object_value_or_create().ok_or("it is no object")?;
    for key in path {
        object = object.object_value_or_create(key).ok_or_else(|| format!("`{key}` in it is no object"))?;
    }
    Ok((last, object))
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

/// The new text, after a look that everything of others is in it as before, comments too.
fn checked(old: &str, root: &CstRootNode, without: impl Fn(Value) -> Value) -> Result<String, String> {
    let new = root.to_string();
    let value = |root: &CstRootNode| without(root.to_serde_value().unwrap_or(Value::Object(Map::new())));
    let remarks = |root: &CstRootNode| {
        let mut found = Vec::new();
        root.children().iter().for_each(|node| comments(node, &mut found));
        found
    };
    let (before, after) = (read(old)?, read(&new)?);
    if value(&before) != value(&after) {
        return Err("the change would touch what others wrote".into());
    }
    if remarks(&before) != remarks(&after) {
        return Err("the change would touch a comment".into());
    }
    Ok(new)
}

fn comments(node: &CstNode, found: &mut Vec<String>) {
    found.extend(node.as_comment().map(|comment| comment.raw_value()));
    node.children().iter().for_each(|child| comments(child, found));
}

fn without_entries(value: Value, at: &[&str], agent: &str) -> Value {
    let is_foreign = |handler: &Value| !is_own(handler, agent);
    pruned(value, at, &|mut list| {
        let Value::Array(elements) = &mut list else { return Some(list) };
        elements.retain_mut(|element| {
            let foreign = is_foreign(element);
            let Some(Value::Array(hooks)) = element.get_mut("hooks") else { return foreign };
            let before = hooks.len();
            hooks.retain(is_foreign);
            foreign && (before == hooks.len() || !hooks.is_empty())
        });
        (!elements.is_empty()).then_some(list)
    })
}

/// A value in which the server has nothing that is ours.
fn without_server(value: Value, at: &[&str], ours: &Value) -> Value {
    pruned(value, at, &|mut server| {
        let Value::Object(members) = &mut server else { return Some(server) };
        members.retain(|key, _| ours.get(key).is_none());
        (!members.is_empty()).then_some(server)
    })
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
