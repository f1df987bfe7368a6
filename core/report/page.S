/* The sources of the report's page, mapped read-only with the library. */
    .section .rodata
    .globl ew_page_html
    .globl ew_page_html_end
ew_page_html:
    .incbin "core/report/page/page.html"
ew_page_html_end:
    .byte 0
    .globl ew_page_css
    .globl ew_page_css_end
ew_page_css:
    .incbin "core/report/page/page.css"
ew_page_css_end:
    .byte 0
    .globl ew_page_js
    .globl ew_page_js_end
ew_page_js:
    .incbin "core/report/page/page.js"
    .incbin "core/report/page/curve.js"
    .incbin "core/report/page/needs.js"
    .incbin "core/report/page/rest.js"
ew_page_js_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
