//! The weights of the token estimate, in units of 1/256 token.
//!
//! They were fitted offline; the order is that of the features in the module above. A feature that the material of the
//! fit does not show has the weight that was assumed before the fit.

use super::FEATURES;

#[rustfmt::skip]
pub(super) static WEIGHTS: [u16; FEATURES] = [
    // Words after nothing, small letters, by length.
    197, 199, 387, 239, 262, 268, 382, 273, 405, 508, 489, 516, 557, 570, 618, 631,
    // Words after nothing, capitalised, by length.
    256, 335, 277, 256, 223, 272, 312, 237, 439, 516, 359, 547, 523, 545, 598, 618,
    // Words after nothing, capitals, by length.
    508, 380, 476, 366, 416, 536, 546, 695, 812, 955, 1106, 1179, 1289, 1395, 1515, 1564,
    // Words after a blank, small letters, by length.
    286, 213, 230, 275, 248, 255, 263, 309, 242, 310, 258, 312, 412, 475, 527, 533,
    // Words after a blank, capitalised, by length.
    256, 303, 303, 256, 281, 249, 254, 301, 308, 352, 411, 406, 420, 467, 507, 535,
    // Words after a blank, capitals, by length.
    244, 228, 179, 259, 321, 446, 446, 662, 753, 829, 962, 1101, 1204, 1320, 1422, 1531,
    // Words after punctuation, small letters, by length.
    329, 357, 410, 317, 274, 255, 371, 402, 547, 498, 472, 632, 606, 495, 613, 580,
    // Words after punctuation, capitalised, by length.
    256, 324, 360, 312, 464, 436, 435, 507, 461, 512, 465, 490, 538, 562, 592, 625,
    // Words after punctuation, capitals, by length.
    307, 337, 331, 353, 365, 473, 613, 719, 861, 955, 1001, 1177, 1301, 1380, 1516, 1529,
    // Words after a digit, small letters, by length.
    277, 249, 245, 339, 360, 363, 375, 428, 452, 446, 474, 518, 533, 564, 594, 602,
    // Words after a digit, capitalised, by length.
    256, 408, 352, 285, 296, 313, 354, 379, 407, 441, 471, 502, 532, 563, 594, 625,
    // Words after a digit, capitals, by length.
    263, 299, 371, 418, 459, 566, 500, 759, 871, 976, 1086, 1192, 1300, 1405, 1517, 1623,
    // Letters beyond that: small, capitals.
    31, 77,
    // Rare pairs of letters: in a word, after a digit.
    14, 139,
    // Up to three digits.
    259,
    // Punctuation by changes of the character.
    269, 295, 337, 324, 398, 353, 262, 259, 259, 258, 258, 266,
    // The same with a line end behind.
    213, 182, 227, 339, 261, 262, 258, 259, 258, 257, 257, 260,
    // In punctuation: further changes, repetitions.
    294, 15,
    // Line ends: one, more.
    247, 272,
    // Blanks: a run, each sixteen of it or of line ends, one that stands alone.
    243, 64, 294,
    // Control characters in punctuation.
    280,
    // Bytes that are no UTF-8: first, repeated, after another of the kind.
    256, 256, 256,
    // Signs of Latin-1: first, repeated, after another of the kind.
    232, 256, 256,
    // Latin: first, repeated, after another of the kind.
    128, 255, 161,
    // Greek and Cyrillic: first, repeated, after another of the kind.
    143, 234, 51,
    // Other alphabets: first, repeated, after another of the kind.
    153, 225, 97,
    // General punctuation: first, repeated, after another of the kind.
    229, 192, 256,
    // Lines and blocks: first, repeated, after another of the kind.
    321, 92, 295,
    // Other signs: first, repeated, after another of the kind.
    345, 299, 256,
    // Kana: first, repeated, after another of the kind.
    184, 256, 152,
    // Chinese characters: first, repeated, after another of the kind.
    234, 256, 152,
    // Hangul: first, repeated, after another of the kind.
    278, 256, 89,
    // Emoji: first, repeated, after another of the kind.
    456, 256, 256,
];
