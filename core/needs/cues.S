/* The cue patterns, mapped read-only with the library. */
    .section .rodata
    .macro cues name
    .globl ew_cues_\name
    .globl ew_cues_\name\()_end
ew_cues_\name:
    .incbin "core/needs/cues/\name\().txt"
ew_cues_\name\()_end:
    .byte 0
    .endm
    cues en
    cues fr
    cues es
    cues de
    cues ja
    cues lean_en
    .section .note.GNU-stack,"",@progbits
