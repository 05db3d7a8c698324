namespace OscLooper.Server.Commands;

/// <summary>[main] What --help shows below the options.</summary>
static class Examples
{
    /// <summary>[main] The examples of a command, or null.</summary>
    public static string? Of(string command) => command switch
    {
        "osclooper" or "serve" => """
            Examples:
              osclooper                                            the server on 127.0.0.1:9000, with the best audio there is
              osclooper --audio none --input take.wav              no sound card: a file plays as the input
              osclooper --osc-port 9010 --channels 16 --prompt     another port, 16 channels, as little delay as possible
              osclooper --bind 0.0.0.0 --allow 192.168.1.0/24      a tablet in the same network may play, too
              osclooper --fifo /tmp/osclooper                      then: echo "scene_next 3" > /tmp/osclooper
              osclooper --feedback 192.168.1.7:9000=//volume       a device that cannot ask is told of every volume (without =PATTERN: of everything)
              osclooper reaper build song.json song.rpp            MODULE VERB ARG...: sends /reaper/build song.json song.rpp and ends
              osclooper reaper --help                              what a module can do that way (osclooper modules: which there are)
            To speak to it:  osclooper-ctl /looper/channel/1/record      All addresses:  osclooper addresses
            Ends with 0 when all went well, 1 failed, 2 wrong arguments, 3 port or device not available.

            """,
        "render" => """
            A score has one message on a line, TIME ADDRESS ARG...; TIME is seconds or frames (72000f):
              0     /looper/channel/1/record        # the input becomes a loop
              2.0   /looper/channel/1/play          # two seconds long, and it plays
              2.0   /looper/channel/2/volume 0.5
                    /looper/channel/2/record        # indented: on the very same frame as the line above
            Examples:
              osclooper render --score hello.txt --input take.wav --output out.wav
              osclooper render --score hello.txt --output out.wav --seconds 30 --replies replies.txt
            Ends with 0 when all went well, 1 when a message was refused (it is told with its line, the rest is rendered), 2 when the score
            or an argument is wrong (nothing is rendered). A score of what you play: osclooper-ctl --record FILE.

            """,
        "check" => """
            Example:
              osclooper check          everything optional that is missing comes with the one line that installs it

            """,
        "devices" => """
            One line for each: backend, lanes in, lanes out, name. Use one with  osclooper --audio portaudio --device NAME
            (of JACK, NAME is the name of the JACK server). Without any, osclooper --audio none plays by a timer, silently.

            """,
        "modules" => """
            Each is loaded at start under its own name, which is the first part of its addresses; only some: osclooper --modules looper,bard
            What one can do from a shell:  osclooper looper --help      A new one of your own:  osclooper new-module NAME

            """,
        "addresses" => """
            Examples:
              osclooper addresses | less                     for people: a table for each module, with arguments and meaning
              osclooper addresses | grep /looper/channel     one line for each address
              osclooper addresses --json > addresses.json    for programs

            """,
        "demo" => """
            Starts a server of its own with a sound file as input, records a phrase into a loop, overdubs, switches scenes by real OSC,
            and writes demo.wav (what was heard) and demo.png (its waveform) into the current folder. It is heard if there is a device.

            """,
        "new-module" => """
            Example:
              osclooper new-module echo      makes ./echo with a module that works, its test and the commands that build and load it

            """,
        _ => null,
    };
}
