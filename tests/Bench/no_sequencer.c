/* SooperLooper opens the ALSA sequencer without looking whether there is one, and aborts where there is none (containers).
   Loaded before it (LD_PRELOAD) this answers like a sequencer at which nothing ever happens. Only for the comparison. */
#include <poll.h>
#include <stddef.h>

static int nothing;

int snd_seq_open(void **seq, const char *name, int streams, int mode) { (void)name; (void)streams; (void)mode; *seq = &nothing; return 0; }
int snd_seq_close(void *seq) { (void)seq; return 0; }
int snd_seq_set_client_name(void *seq, const char *name) { (void)seq; (void)name; return 0; }
int snd_seq_create_simple_port(void *seq, const char *name, unsigned caps, unsigned type) { (void)seq; (void)name; (void)caps; (void)type; return 0; }
int snd_seq_drain_output(void *seq) { (void)seq; return 0; }
int snd_seq_event_input(void *seq, void **event) { (void)seq; *event = NULL; return -11; }
int snd_seq_event_output(void *seq, void *event) { (void)seq; (void)event; return 0; }
int snd_seq_poll_descriptors(void *seq, struct pollfd *fds, unsigned space, short events)
{
    (void)seq; (void)events;
    for (unsigned i = 0; i < space; i++) { fds[i].fd = -1; fds[i].events = 0; fds[i].revents = 0; }
    return (int)space;
}
