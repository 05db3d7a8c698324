namespace OscLooper.Server;

/// <summary>[main] How a server is started; the defaults are those of the command line (addresses.md section 9).</summary>
public sealed record ServerOptions
{
    /// <summary>[main] UDP and TCP port; 0 = no network, -1 = any free port.</summary>
    public int OscPort { get; init; } = 9000;
    /// <summary>[main] Address listened on.</summary>
    public string Bind { get; init; } = "127.0.0.1";
    /// <summary>[main] Networks that are heard (CIDR); empty = whoever can reach the address.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];
    /// <summary>[main] Hosts to which replies may go though they did not ask.</summary>
    public IReadOnlyList<string> AllowReplyTo { get; init; } = [];
    /// <summary>[main] HOST:PORT[=PATTERN] that get feedback from the start.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];
    /// <summary>[main] auto, jack, pipewire, portaudio or none.</summary>
    public string Audio { get; init; } = "auto";
    /// <summary>[main] Device or JACK server name; empty = default.</summary>
    public string Device { get; init; } = "";
    /// <summary>[main] Frames in a second (a JACK or PipeWire server decides itself).</summary>
    public int Rate { get; init; } = 48000;
    /// <summary>[main] Frames in a block (a JACK server decides itself).</summary>
    public int Block { get; init; } = 128;
    /// <summary>[main] Lanes of audio:in.</summary>
    public int Inputs { get; init; } = 2;
    /// <summary>[main] Lanes of audio:out.</summary>
    public int Outputs { get; init; } = 2;
    /// <summary>[main] Looper channels at start.</summary>
    public int Channels { get; init; } = 8;
    /// <summary>[main] Messages outside bundles act at the next block's first frame.</summary>
    public bool Prompt { get; init; }
    /// <summary>[main] Memory for loops in MiB; 0 = a quarter of RAM.</summary>
    public int MemoryMib { get; init; }
    /// <summary>[main] SoundFont that the module fluid plays; empty = one of the usual places.</summary>
    public string SoundFont { get; init; } = "";
    /// <summary>[main] Names of virtual MIDI ports to make.</summary>
    public IReadOnlyList<string> MidiPorts { get; init; } = [];
    /// <summary>[main] Sound files that play as audio:in.</summary>
    public IReadOnlyList<string> InputFiles { get; init; } = [];
    /// <summary>[main] Modules to load; empty = all.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];
    /// <summary>[main] Folder of module DLLs; empty = modules/ beside the program.</summary>
    public string ModulesFolder { get; init; } = "";
    /// <summary>[main] The file of wanted imps; empty = none.</summary>
    public string RealmFile { get; init; } = "";
    /// <summary>[main] Folders in which clients may read and write files; empty = ./osclooper-files.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];
    /// <summary>[main] Any path of the user may be touched (command line verbs).</summary>
    public bool AnyPath { get; init; }
    /// <summary>[main] Folder in which everything is remembered; empty = nowhere.</summary>
    public string Vault { get; init; } = "";
    /// <summary>[main] The folder was asked for by name: without it the server does not start.</summary>
    public bool VaultIsNamed { get; init; } = true;
    /// <summary>[main] It lies where it does when nobody says otherwise: nobody but its owner has any business there.</summary>
    public bool VaultIsDefault { get; init; }
    /// <summary>[main] The session to go on with; empty = the one without a name, null = the one that was open last.</summary>
    public string? Session { get; init; }
    /// <summary>[main] Folder of saved sessions that modules may read by name; empty = those of the vault.</summary>
    public string SessionsFolder { get; init; } = "";
    /// <summary>[main] A FIFO from which the text form is read; empty = none.</summary>
    public string Fifo { get; init; } = "";
    /// <summary>[main] Time is rendered, not real: every job and every worker is awaited before the next frame.</summary>
    public bool Offline { get; init; }
    /// <summary>[main] Imps that are not brought, and why: they kept the server from going on before.</summary>
    public IReadOnlyDictionary<string, string> LeftOut { get; init; } = new Dictionary<string, string>();
    /// <summary>[main] No lines on standard output.</summary>
    public bool Quiet { get; init; }
}
