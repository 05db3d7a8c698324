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
              osclooper reaper build song.json song.rpp            MODULE VERB ARG...: sends /reaper/build song.json song.rpp and ends
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

            """,
        "check" => """
            Example:
              osclooper check          everything optional that is missing comes with the one line that installs it

            """,
        _ => null,
    };
}
