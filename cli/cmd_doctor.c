#include "cli.h"

int cmd_doctor(cli_call *call) {
    ew_error err = {0};
    char *json = NULL;
    ew_status status = ew_doctor(&json, &err);
    return cli_print_json(call, status, &err, json);
}
