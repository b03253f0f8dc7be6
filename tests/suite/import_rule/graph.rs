//! Which unit of the source uses which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A module by its path below the crate's root: a file, or a folder by its `mod.rs`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit(pub Vec<String>);

impl Unit {
    pub fn root() -> Self {
        Self(Vec::new())
    }

    pub fn child(&self, name: &str) -> Self {
        let mut path = self.0.clone();
        path.push(name.to_owned());
        Self(path)
    }

    pub fn parent(&self) -> Self {
        Self(self.0.split_last().map_or_else(Vec::new, |(_, parent)| parent.to_vec()))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

/// The edges from a unit to those that it uses.
#[derive(Debug, Default)]
pub struct Graph(BTreeMap<Unit, BTreeSet<Unit>>);

impl Graph {
    pub fn add(&mut self, user: &Unit, used: &Unit) {
        if user != used {
            self.0.entry(user.clone()).or_default().insert(used.clone());
        }
    }

    fn edges(&self) -> impl Iterator<Item = (&Unit, &Unit)> {
        self.0.iter().flat_map(|(user, used)| used.iter().map(move |used| (user, used)))
    }

    /// Returns the root and every folder below it.
    pub fn folders(&self) -> BTreeSet<Unit> {
        let units = self.edges().flat_map(|(user, used)| [user, used]);
        units.map(Unit::parent).collect()
    }

    /// Returns the edges between the direct children of a folder, each standing for all below it, and
    /// the folder's own `mod.rs`.
    pub fn collapsed(&self, folder: &Unit) -> Self {
        let depth = folder.0.len();
        let stands_for = |unit: &Unit| {
            let below = unit.0.starts_with(&folder.0);
            below.then(|| Unit(unit.0.iter().take(depth + 1).cloned().collect()))
        };
        let mut collapsed = Self::default();
        for (user, used) in self.edges() {
            if let (Some(user), Some(used)) = (stands_for(user), stands_for(used)) {
                collapsed.add(&user, &used);
            }
        }
        collapsed
    }

    /// Returns what the unit uses.
    pub fn used_by_unit(&self, unit: &Unit) -> BTreeSet<String> {
        self.0.get(unit).into_iter().flatten().map(Unit::to_string).collect()
    }

    /// Goes through what a module below the root uses.
    pub fn used_by(&self, name: &str) -> impl Iterator<Item = &str> {
        let used = self.0.get(&Unit::root().child(name)).into_iter().flatten();
        used.filter_map(|unit| unit.0.first()).map(String::as_str)
    }

    /// Goes through the modules below the root that use this one.
    pub fn users_of(&self, name: &str) -> impl Iterator<Item = &str> {
        let of = Unit::root().child(name);
        self.edges()
            .filter(move |(_, used)| **used == of)
            .filter_map(|(user, _)| user.0.first())
            .map(String::as_str)
    }

    /// Returns the units that use each other, directly or through others, with their edges.
    pub fn circles(&self) -> BTreeSet<String> {
        let reach: BTreeMap<&Unit, BTreeSet<&Unit>> =
            self.0.keys().map(|unit| (unit, self.reachable(unit))).collect();
        let reaches =
            |from: &Unit, to: &Unit| reach.get(from).is_some_and(|reached| reached.contains(to));
        let back = self.edges().filter(|(user, used)| reaches(used, user));
        back.map(|(user, used)| format!("{user} → {used}")).collect()
    }

    fn reachable<'g>(&'g self, from: &'g Unit) -> BTreeSet<&'g Unit> {
        let (mut reached, mut ahead) = (BTreeSet::new(), vec![from]);
        while let Some(unit) = ahead.pop() {
            for next in self.0.get(unit).into_iter().flatten() {
                if reached.insert(next) {
                    ahead.push(next);
                }
            }
        }
        reached
    }
}
