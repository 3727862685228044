// Code of its own for every kind of segment: `kind` is the constant `name` in `call`. Included by kernel files, once a
// vector variant.
#undef OF_KIND
#define OF_KIND(name, kind, call) \
  case kind: {                    \
    const int32_t name = kind;    \
    call;                         \
  } break;

// Kinds that sub-grids are padded to.
#undef BY_PADDED_KIND
#define BY_PADDED_KIND(name, kind, call) \
  switch (kind) { OF_KIND(name, FOUR, call) OF_KIND(name, FIVE, call) }

// Kinds that sub-grids are cut into.
#undef OF_EXACT_KINDS
#define OF_EXACT_KINDS(name, call)                                                 \
  OF_KIND(name, SINGLE, call) OF_KIND(name, PAIR, call) OF_KIND(name, THREE, call) \
  OF_KIND(name, FOUR, call) OF_KIND(name, LAST, call)
#undef BY_EXACT_KIND
#define BY_EXACT_KIND(name, kind, call) \
  switch (kind) { OF_EXACT_KINDS(name, call) }

// Any kind of three taps.
#undef BY_KIND
#define BY_KIND(name, kind, call) \
  switch (kind) { OF_EXACT_KINDS(name, call) OF_KIND(name, FIVE, call) }

// Both kinds of a class, as `row_kind` and `column_kind`: of one that is padded, or of any.
#undef BY_PADDED_KINDS
#define BY_PADDED_KINDS(class, call)                                                                     \
  if ((class)->row_kind == FOUR_TAPS) {                                                                  \
    const int32_t row_kind = FOUR_TAPS, column_kind = FOUR_TAPS;                                         \
    call;                                                                                                \
  } else                                                                                                 \
    BY_PADDED_KIND(row_kind, (class)->row_kind, BY_PADDED_KIND(column_kind, (class)->column_kind, call))
#undef BY_KINDS
#define BY_KINDS(class, call)                                                                            \
  if (sk_is_padded((class)->row_kind) && sk_is_padded((class)->column_kind))                             \
    BY_PADDED_KINDS(class, call)                                                                         \
  else                                                                                                   \
    BY_EXACT_KIND(row_kind, (class)->row_kind, BY_EXACT_KIND(column_kind, (class)->column_kind, call))
