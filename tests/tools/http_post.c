/*
 * http_post.c - as much of curl as the scripts of examples/clients use, where there is no curl: posts standard input to
 * the http:// address among the arguments, and prints the body of the answer. The other arguments are ignored, but for
 * headers, which are sent: --header LINE, or --header @FILE.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char body[8 << 20];
static char answer[8 << 20];

static int connect_to(const char *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)) };
    int to = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to >= 0 && connect(to, (struct sockaddr *)&address, sizeof address) == 0 ? to : -1;
}

static void send_header(FILE *to, const char *header)
{
    char line[1024] = "";
    FILE *file = header[0] == '@' ? fopen(header + 1, "r") : NULL;
    if (file && !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
    fprintf(to, "%s\r\n", header[0] == '@' ? line : header);
}

int main(int argc, char **argv)
{
    const char *url = NULL;
    size_t len = fread(body, 1, sizeof body, stdin);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "http://", 7) == 0)
            url = argv[i];
    const char *colon = url ? strchr(url + 7, ':') : NULL;
    const char *path = colon ? strchr(colon, '/') : NULL;
    int socket_of = path ? connect_to(colon + 1) : -1;
    FILE *to = socket_of >= 0 ? fdopen(socket_of, "r+") : NULL;
    if (!to) {
        fprintf(stderr, "http_post: cannot reach %s\n", url ? url : "anything");
        return 7;
    }
    fprintf(to, "POST %s HTTP/1.1\r\nconnection: close\r\ncontent-length: %zu\r\n", path, len);
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "--header") == 0)
            send_header(to, argv[i + 1]);
    fprintf(to, "\r\n");
    fwrite(body, 1, len, to);
    fflush(to);
    size_t got = 0;
    for (ssize_t count;
         got < sizeof answer - 1 && (count = read(socket_of, answer + got, sizeof answer - 1 - got)) > 0;)
        got += (size_t)count;
    const char *end = strstr(answer, "\r\n\r\n");
    if (end)
        fputs(end + 4, stdout);
    return end && strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : 22;
}
