using System.CommandLine;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] The options of serving, read into <see cref="ServerOptions"/>.</summary>
sealed class ServeCommand
{
    readonly Option<int> oscPort = Checks.Number("--osc-port", "UDP and TCP port of OSC (0 = none, -1 = any free one)", 9000, -1, 65535, "PORT");
    readonly Option<int> httpPort = Checks.Number("--http-port", "Web page and OSCQuery (comes with a later version; 0 = off)", 0, 0, 65535, "PORT");
    readonly Option<string> bind = Checks.Word("--bind", "Address to listen on (0.0.0.0 = all of IPv4, :: = all of IPv4 and IPv6)", "127.0.0.1", "ADDRESS");
    readonly Option<string[]> allow = Checks.Words("--allow", "Only these networks (like 192.168.1.0/24) and this machine are heard (may be repeated)", "CIDR", Checks.IsNetwork);
    readonly Option<string[]> allowReplyTo = Checks.Words("--allow-reply-to", "Replies may go to this host though it did not ask (may be repeated)", "HOST");
    readonly Option<string[]> feedback = Checks.Words("--feedback", "Tells a device that cannot ask of every change there, or of what PATTERN matches (may be repeated)", "HOST:PORT[=/PATTERN]", Checks.IsFeedback);
    readonly Option<string> audio = Checks.Word("--audio", "Where the sound goes; auto = JACK if it runs, else PipeWire, else PortAudio, else none", "auto", string.Join('|', AudioChoice.Words));
    readonly Option<string> device = Checks.Word("--device", "Device, or name of the JACK server", "", "NAME");
    readonly Option<int> rate = Checks.Number("--rate", "Frames in a second (JACK and PipeWire decide themselves)", 48000, 8000, 384000, "RATE");
    readonly Option<int> block = Checks.Number("--block", "Frames in a block (JACK decides itself, PipeWire is asked for it)", 128, 1, 8192);
    readonly Option<int> inputs = Checks.Number("--inputs", "Lanes (mono channels) of audio:in", 2, 0, 64);
    readonly Option<int> outputs = Checks.Number("--outputs", "Lanes (mono channels) of audio:out", 2, 1, 64);
    readonly Option<int> channels = Checks.Number("--channels", "Looper channels at start", 8, 0, 1024);
    readonly Option<bool> prompt = new("--prompt") { Description = "Messages act at the next block, at once but with its jitter, instead of one block after they came" };
    readonly Option<int> memory = Checks.Number("--memory", "Memory for loops (0 = a quarter of what there is)", 0, 0, int.MaxValue, "MIB");
    readonly Option<string[]> input = Checks.Words("--input", "Plays as audio:in, beside what the device hears (may be repeated)", "FILE.wav");
    readonly Option<string[]> midiPort = Checks.Words("--midi-port", "Makes a virtual MIDI port, in and out (may be repeated)", "NAME");
    readonly Option<string> soundFont = Checks.Word("--soundfont", "SoundFont that the module fluid plays [default: one of the usual places]", "", "FILE.sf2");
    readonly Option<string> modules = Checks.Word("--modules", "Which modules to load", "all", "looper,...|all");
    readonly Option<string> realm = Checks.Word("--realm", "Which imps are wanted, as JSON that may be edited meanwhile [default: realm.json in the vault]", "", "FILE");
    readonly Option<string[]> folder = Checks.Words("--folder", "Clients may read and write files here [default: ./osclooper-files] (may be repeated)", "DIR");
    readonly Option<string> fifo = Checks.Word("--fifo", "Takes messages from a named pipe, made if it is missing", "", "PATH");
    readonly Option<string> vault = Checks.Word("--vault", $"Everything is remembered here [default: {Vault.Vault.DefaultFolder}]; none = nowhere", "", "DIR|none");
    readonly Option<string> session = Checks.Word("--session", "The session to go on with, made when it is new; '' is what has no name [default: the one that was open last]", "", "NAME");
    readonly Option<bool> quiet = new("--quiet") { Description = "No lines on standard output" };

    // Known by name, so that nobody thinks they were misspelt.
    readonly Option<string[]>[] later =
    [
        .. new[] { "--sl-port", "--chuck-files" }
            .Select(name => new Option<string[]>(name) { Hidden = true, Arity = ArgumentArity.ZeroOrMore }),
    ];
    readonly Option<bool> supervise = new("--supervise") { Description = "Starts the server again when it dies" };

    public ServeCommand()
    {
        audio.Validators.Add(r => Checks.Refuse(r, "--audio", string.Join(", ", AudioChoice.Words), AudioChoice.Words.Contains));
        bind.Validators.Add(r => Checks.Refuse(r, "--bind", "an IP address", Checks.IsAddress));
        session.Validators.Add(r => Checks.Refuse(r, "--session", "a plain name (letters, digits, spaces, - _ . )", v => v.Length == 0 || Vault.Names.IsSafe(v)));
        input.Validators.Add(r => Checks.MustExist(r, "--input"));
        soundFont.Validators.Add(r => Checks.MustExist(r, "--soundfont"));
        fifo.Validators.Add(r => { if (OperatingSystem.IsWindows()) r.AddError("--fifo needs a system with named pipes in its files (not Windows)"); });
    }

    public void AddTo(Command command)
    {
        Option[] all = [oscPort, httpPort, bind, allow, allowReplyTo, feedback, audio, device, rate, block, inputs, outputs, channels, prompt, memory, input, midiPort, soundFont, modules, realm, folder, fifo, vault, session, quiet, supervise, .. later];
        foreach (var option in all) command.Options.Add(option);
    }

    public int Run(ParseResult result, Func<ServerOptions, int> serve)
    {
        var unbuilt = later.Where(o => result.GetResult(o) is { Implicit: false } given && given.Tokens is not [{ Value: "0" }]).Select(o => o.Name);
        if (result.GetValue(httpPort) != 0) unbuilt = unbuilt.Append("--http-port");
        if (unbuilt.FirstOrDefault() is { } name) return CommandLine.Complain($"{name} comes with a later version", CommandLine.WrongArguments);

        if (result.GetValue(supervise)) return Supervisor.Run();

        return serve(new ServerOptions
        {
            OscPort = result.GetValue(oscPort),
            Bind = result.GetValue(bind)!,
            Allow = result.GetValue(allow)!,
            AllowReplyTo = result.GetValue(allowReplyTo)!,
            Feedback = result.GetValue(feedback)!,
            Audio = result.GetValue(audio)!,
            Device = result.GetValue(device)!,
            Rate = result.GetValue(rate),
            Block = result.GetValue(block),
            Inputs = result.GetValue(inputs),
            Outputs = result.GetValue(outputs),
            Channels = result.GetValue(channels),
            Prompt = result.GetValue(prompt),
            MemoryMib = result.GetValue(memory),
            InputFiles = result.GetValue(input)!,
            MidiPorts = [.. result.GetValue(midiPort)!.Distinct()],
            SoundFont = result.GetValue(soundFont)!,
            Modules = Checks.Names(result.GetValue(modules)!),
            RealmFile = result.GetValue(realm)!,
            Folders = result.GetValue(folder)!,
            Fifo = result.GetValue(fifo)!,
            Vault = result.GetValue(vault) switch { "" => Vault.Vault.DefaultFolder, "none" => "", var named => named! },
            VaultIsNamed = result.GetValue(vault) is not ("" or "none") || result.GetValue(session)!.Length > 0,
            VaultIsDefault = result.GetValue(vault) == "",
            Session = result.GetResult(session) is { Implicit: false } ? result.GetValue(session) : null,
            Quiet = result.GetValue(quiet),
        });
    }
}
