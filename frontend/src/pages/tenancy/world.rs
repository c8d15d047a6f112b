//! A small map of the world, drawn here: no tiles, nothing from elsewhere. Degrees are pixels.

use std::fmt::Write as _;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Something on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub name: String,
    /// Where it leads; empty: nowhere.
    pub href: String,
    pub latitude: f64,
    pub longitude: f64,
}

/// Coasts, roughly: for seeing on which continent a place is, not for sailing. Longitude and
/// latitude of each corner.
#[rustfmt::skip]
const LAND: &[&[(i16, i16)]] = &[
    // North America
    &[
        (-168, 66), (-157, 71), (-140, 70), (-125, 70), (-110, 68), (-95, 69), (-86, 68), (-82, 66), (-87, 63),
        (-94, 60), (-92, 57), (-85, 55), (-82, 52), (-79, 52), (-78, 56), (-77, 61), (-70, 61), (-65, 59), (-61, 56),
        (-56, 52), (-60, 50), (-66, 50), (-65, 47), (-61, 46), (-66, 44), (-70, 43), (-74, 40), (-76, 35), (-81, 31),
        (-80, 26), (-82, 28), (-84, 30), (-90, 29), (-97, 27), (-97, 21), (-94, 18), (-91, 19), (-87, 21), (-88, 16),
        (-83, 15), (-82, 9), (-78, 9), (-80, 7), (-86, 12), (-94, 16), (-105, 20), (-109, 26), (-114, 31), (-110, 23),
        (-117, 33), (-124, 40), (-124, 48), (-131, 55), (-140, 60), (-150, 60), (-158, 57), (-163, 55), (-157, 59),
        (-165, 61), (-161, 64),
    ],
    // The islands north of it, Greenland, Iceland
    &[(-80, 73), (-72, 71), (-62, 66), (-66, 62), (-78, 64), (-73, 68), (-89, 70), (-90, 73)],
    &[(-117, 73), (-105, 73), (-103, 69), (-117, 70)],
    &[(-95, 80), (-85, 77), (-78, 77), (-62, 82), (-72, 83), (-92, 82)],
    &[(-73, 78), (-60, 82), (-33, 83), (-18, 79), (-22, 71), (-32, 68), (-40, 65), (-44, 60), (-52, 65), (-55, 70)],
    &[(-22, 64), (-19, 63), (-14, 65), (-16, 66), (-24, 66)],
    &[(-84, 22), (-78, 20), (-74, 20), (-80, 23)],
    // South America
    &[
        (-78, 8), (-72, 12), (-62, 10), (-52, 5), (-50, 0), (-44, -3), (-35, -6), (-39, -14), (-41, -22), (-48, -27),
        (-54, -34), (-58, -38), (-65, -42), (-66, -47), (-69, -52), (-66, -55), (-73, -52), (-75, -46), (-73, -38),
        (-70, -20), (-76, -14), (-81, -5), (-80, 1),
    ],
    // Africa, Madagascar
    &[
        (-6, 36), (10, 37), (11, 34), (20, 31), (32, 31), (36, 23), (39, 15), (43, 12), (51, 12), (46, 3), (40, -4),
        (40, -15), (35, -21), (32, -28), (26, -34), (19, -35), (12, -18), (13, -7), (9, -1), (9, 4), (4, 6), (-8, 4),
        (-13, 9), (-17, 14), (-16, 21), (-10, 30),
    ],
    &[(44, -25), (47, -25), (50, -15), (44, -17)],
    // Europe and Asia
    &[
        (-9, 37), (-9, 43), (-1, 44), (-4, 48), (2, 51), (8, 54), (9, 57), (11, 54), (20, 55), (23, 59), (29, 60),
        (22, 61), (25, 65), (17, 62), (18, 59), (13, 56), (8, 58), (5, 61), (14, 68), (26, 71), (40, 67), (34, 66),
        (44, 66), (55, 69), (68, 69), (72, 73), (80, 73), (104, 78), (113, 74), (140, 73), (160, 70), (180, 69),
        (180, 65), (172, 60), (163, 59), (162, 54), (157, 51), (156, 57), (163, 62), (150, 59), (140, 57), (136, 54),
        (141, 52), (135, 44), (128, 41), (129, 36), (126, 35), (125, 39), (118, 39), (122, 37), (122, 30), (117, 23),
        (108, 21), (106, 18), (109, 12), (105, 9), (101, 13), (104, 2), (101, 3), (98, 9), (98, 16), (92, 22),
        (87, 21), (80, 15), (78, 8), (74, 15), (72, 21), (67, 25), (57, 26), (50, 30), (52, 24), (59, 22), (55, 17),
        (44, 13), (39, 21), (34, 28), (36, 36), (28, 37), (27, 40), (41, 41), (37, 45), (31, 46), (28, 42), (24, 40),
        (23, 37), (19, 41), (13, 45), (18, 40), (16, 38), (9, 44), (3, 43), (0, 39), (-5, 36),
    ],
    // Islands around them
    &[(-5, 50), (1, 51), (0, 54), (-2, 58), (-6, 58), (-4, 54)],
    &[(-10, 52), (-6, 52), (-6, 55), (-9, 54)],
    &[(53, 71), (58, 71), (68, 77), (56, 74)],
    &[(130, 32), (136, 34), (140, 36), (142, 43), (145, 44), (141, 45), (139, 38), (133, 35)],
    &[(95, 5), (104, -3), (105, -6), (98, 1)],
    &[(105, -6), (115, -8), (112, -7)],
    &[(109, 1), (117, 7), (118, 1), (115, -4), (110, -3)],
    &[(119, 1), (125, 1), (121, -3), (120, -5)],
    &[(121, 18), (124, 13), (126, 7), (122, 8), (120, 14)],
    &[(131, -1), (141, -3), (150, -10), (143, -9), (138, -8)],
    // Australia, New Zealand, Antarctica
    &[
        (114, -22), (122, -18), (130, -12), (136, -12), (140, -17), (142, -11), (146, -19), (153, -26), (150, -37),
        (141, -38), (135, -33), (129, -32), (117, -35), (115, -33),
    ],
    &[(145, -41), (148, -41), (147, -43)],
    &[(173, -35), (178, -38), (174, -41), (167, -46), (171, -44), (175, -39)],
    &[
        (-180, -78), (-150, -77), (-100, -73), (-68, -73), (-58, -63), (-60, -74), (-30, -78), (0, -70), (50, -67),
        (100, -66), (150, -69), (170, -72), (165, -78), (180, -78), (180, -90), (-180, -90),
    ],
];

/// The outlines as one path.
fn land() -> String {
    let mut path = String::new();
    for coast in LAND {
        for (index, (longitude, latitude)) in coast.iter().enumerate() {
            let _ = write!(path, "{}{longitude} {}", if index == 0 { 'M' } else { 'L' }, -latitude);
        }
        path.push('Z');
    }
    path
}

/// Lines of latitude and longitude, every thirty degrees.
fn graticule() -> String {
    let meridians = (-150..=150).step_by(30).map(|longitude| format!("M{longitude} -90V90"));
    let parallels = (-60..=60).step_by(30).map(|latitude| format!("M-180 {latitude}H180"));
    meridians.chain(parallels).collect()
}

/// The map with a dot for each place. One of the dots is reached with Tab; arrows go on from there,
/// from west to east: there may be hundreds, some of them upon each other.
#[component]
pub fn World(mut places: Vec<Place>) -> impl IntoView {
    places.sort_by(|a, b| a.longitude.total_cmp(&b.longitude));
    let label = match places.as_slice() {
        [one] => format!("Map of the world with {}", one.name),
        several => format!("Map of the world with {} sites", several.len()),
    };
    let last = places.len().saturating_sub(1);
    let current = RwSignal::new(0_usize);
    let group = NodeRef::<html::Div>::new();
    let keydown = move |event: leptos::ev::KeyboardEvent| {
        let at = current.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => (at + 1).min(last),
            "ArrowLeft" | "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        current.set(to);
        let dots = group.get_untracked().map(|group| group.children());
        let dot = dots.and_then(|dots| dots.item(u32::try_from(to).unwrap_or_default()));
        if let Some(dot) = dot.and_then(|dot| dot.dyn_into::<HtmlElement>().ok()) {
            let _ = dot.focus();
        }
    };
    let dots = places.into_iter().enumerate().map(|(index, place)| dot(place, index, current)).collect_view();
    view! {
        <div class="world">
            <svg viewBox="-180 -90 360 180" role="img" aria-label=label>
                <path class="graticule" d=graticule()/>
                <path class="land" d=land()/>
            </svg>
            <div role="group" aria-label="Sites on the map" node_ref=group on:keydown=keydown>{dots}</div>
        </div>
    }
}

/// A percentage of the map's width or height.
fn share(degrees: f64, whole: f64) -> String {
    format!("{}%", js_sys::Number::from(100.0 * degrees / whole).to_fixed(3).map(String::from).unwrap_or_default())
}

/// A place with its name, which is seen while one points at it. Near an edge that stands inwards.
fn dot(place: Place, index: usize, current: RwSignal<usize>) -> AnyView {
    let Place { name, href, latitude, longitude } = place;
    let (left, top) = (share(longitude + 180.0, 360.0), share(90.0 - latitude, 180.0));
    let (east, north) = (longitude > 0.0, latitude > 45.0);
    let name = view! { <span class="name" class:west=east class:below=north>{name}</span> };
    if href.is_empty() {
        return view! { <span class="dot" style:left=left style:top=top>{name}</span> }.into_any();
    }
    view! {
        <a class="dot" href=href style:left=left style:top=top tabindex=move || if current.get() == index { "0" } else { "-1" }
            on:focus=move |_| current.set(index)>{name}</a>
    }
    .into_any()
}
