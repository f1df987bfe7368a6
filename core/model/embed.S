/* The default model, its vocabulary and the student, mapped read-only with the library. */
    .section .rodata
    .balign 64
    .globl ew_builtin_model
    .globl ew_builtin_model_end
ew_builtin_model:
    .incbin "core/model/default.safetensors"
ew_builtin_model_end:
    .byte 0
    .balign 64
    .globl ew_builtin_vocab
    .globl ew_builtin_vocab_end
ew_builtin_vocab:
    .incbin "core/model/vocab.txt"
ew_builtin_vocab_end:
    .byte 0
    .balign 64
    .globl ew_builtin_student
    .globl ew_builtin_student_end
ew_builtin_student:
    .incbin "core/model/student/student.safetensors"
ew_builtin_student_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
