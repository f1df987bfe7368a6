/* The script that fetches the deep encoder's weights, whole, so that an installed program has it too. */
    .section .rodata
    .globl cli_fetch_script
    .globl cli_fetch_script_end
cli_fetch_script:
    .incbin "tools/model-deep.sh"
cli_fetch_script_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
