/* The cue patterns, mapped read-only with the library. */
    .section .rodata
    .macro cues language
    .globl ew_cues_\language
    .globl ew_cues_\language\()_end
ew_cues_\language:
    .incbin "core/needs/cues/\language\().txt"
ew_cues_\language\()_end:
    .byte 0
    .endm
    cues en
    cues fr
    cues es
    cues de
    cues ja
    .section .note.GNU-stack,"",@progbits
