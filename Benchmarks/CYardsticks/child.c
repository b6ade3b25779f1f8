#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "yardsticks.h"

extern char **environ;

yard_child yard_start(const char *const *arguments) {
    yard_child child = {-1, -1, -1};
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) return child;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    for (int end = 0; end < 2; end++) {
        posix_spawn_file_actions_addclose(&actions, to[end]);
        posix_spawn_file_actions_addclose(&actions, from[end]);
    }
    if (posix_spawn(&child.pid, arguments[0], &actions, NULL, (char *const *)arguments, environ) != 0) child.pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    child.input = to[1];
    child.output = from[0];
    fcntl(child.input, F_SETFD, FD_CLOEXEC);
    fcntl(child.output, F_SETFD, FD_CLOEXEC);
    return child;
}

yard_child yard_start_in_terminal(const char *const *arguments, int columns, int rows) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    yard_child child = {-1, -1, -1};
    child.pid = forkpty(&child.output, NULL, NULL, &size);
    if (child.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execv(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    child.input = child.output;
    return child;
}

int yard_run_to_end(const char *const *arguments) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status = 0;
    bool is_started = posix_spawn(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    if (!is_started || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

void yard_end(yard_child child) {
    if (child.pid > 0) {
        kill(child.pid, SIGKILL);
        waitpid(child.pid, NULL, 0);
    }
    close(child.output);
    if (child.input != child.output) close(child.input);
}
