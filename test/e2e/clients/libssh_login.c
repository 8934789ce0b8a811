/* Logs in with libssh: HOST by ~/.ssh/config, whose path is the third argument. */
#include <libssh/libssh.h>
#include <stdio.h>

static int fail(ssh_session session, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, ssh_get_error(session));
    return 1;
}

int main(int argc, char **argv)
{
    ssh_session session = ssh_new();
    if (argc != 4 || session == NULL) return 2;
    ssh_options_set(session, SSH_OPTIONS_HOST, argv[1]);
    if (ssh_options_parse_config(session, argv[3]) != 0) return fail(session, "config");
    ssh_options_set(session, SSH_OPTIONS_USER, argv[2]);
    if (ssh_connect(session) != SSH_OK) return fail(session, "connect");
    if (ssh_userauth_publickey_auto(session, NULL, NULL) != SSH_AUTH_SUCCESS) return fail(session, "auth");
    ssh_channel channel = ssh_channel_new(session);
    if (ssh_channel_open_session(channel) != SSH_OK) return fail(session, "channel");
    if (ssh_channel_request_exec(channel, "echo in") != SSH_OK) return fail(session, "exec");
    char buffer[256];
    int count;
    while ((count = ssh_channel_read(channel, buffer, sizeof buffer, 0)) > 0) fwrite(buffer, 1, count, stdout);
    ssh_channel_free(channel);
    ssh_disconnect(session);
    ssh_free(session);
    return 0;
}
