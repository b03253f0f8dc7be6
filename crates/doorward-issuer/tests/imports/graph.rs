//! Directed graphs of names, and their circles.

use std::collections::{BTreeMap, BTreeSet};

/// What each node uses.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// Returns the nodes of a circle; the last one equals the first one.
pub(crate) fn circle(graph: &Graph) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph.keys().find_map(|node| circle_from(node, graph, &mut Vec::new(), &mut done))
}

fn circle_from(
    node: &str,
    graph: &Graph,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|earlier| earlier == node) {
        let nodes = path[start..].iter().cloned().chain([node.to_owned()]);
        return Some(nodes.collect());
    }
    if done.contains(node) {
        return None;
    }
    path.push(node.to_owned());
    let circle = graph[node].iter().find_map(|used| circle_from(used, graph, path, done));
    path.pop();
    done.insert(node.to_owned());
    circle
}

/// Returns a graph of the entries of each folder.
pub(crate) fn folder_graphs(files: &Graph) -> BTreeMap<String, Graph> {
    let mut folders: BTreeMap<String, Graph> = BTreeMap::new();
    for (file, used) in files {
        for (folder, entry) in entries(file) {
            let graph = folders.entry(folder.clone()).or_default();
            let users = graph.entry(entry.clone()).or_default();
            let same_folder = |used: &String| {
                let mut entries = entries(used).into_iter();
                entries.find(|(other, _)| *other == folder).map(|(_, entry)| entry)
            };
            users.extend(used.iter().filter_map(same_folder).filter(|other| *other != entry));
        }
    }
    folders
}

/// Returns the folders that a file is in, each with the entry of the folder that the file counts as.
fn entries(file: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    (0..parts.len()).map(|depth| (parts[..depth].join("/"), parts[depth].to_owned())).collect()
}
