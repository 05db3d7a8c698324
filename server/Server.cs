using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Files;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

/// <summary>[main] Everything but the sound card: modules, their addresses, the engine they play in, and those who speak to them. One thread owns it.</summary>
public sealed partial class Server : IDisposable
{
    readonly ServerOptions options;
    readonly List<ImpSlot> imps = [];
    readonly Dictionary<int, Client> clients = [];
    readonly Dispatcher dispatcher;
    readonly ServerModule own;
    readonly Audio.AudioModule audio;
    readonly JobWatch jobWatch;
    int nextClient = 1;
    bool isDisposed;

    /// <summary>[main] Loads the modules, merges their addresses and readies the engine; no socket is open and no device runs yet.</summary>
    public Server(ServerOptions options) : this(options, null) { }

    /// <summary>[main] The same with modules made by the caller instead of those in the folder (tests).</summary>
    public Server(ServerOptions options, IReadOnlyList<(string Name, Func<Branch, Module> Make)>? modules)
    {
        this.options = options;
        Format = new AudioFormat(options.Rate, Engine.MaxFrames, options.Inputs, options.Outputs, options.Offline);
        Engine = new Engine(Format);
        badInputTold = new long[Format.Inputs];
        Timing = new Timing(Engine, options);
        Gate = new AudioGate(Engine.Inbox);
        Postman = new Postman(Space, Timing);
        Workers = new Workers(options.Offline, Engine.Wake.Signal, trouble => Log(LogLevel.Error, trouble.ToString()));
        Folders = new Folders(options.Folders, options.AnyPath);
        Subscriptions = new Subscriptions(Space, Timing, Postman, RefreshGauges);
        dispatcher = new Dispatcher(this);
        jobWatch = new JobWatch(this);

        Vault = new Vault.Vault(this);
        Vault.Open(options);
        own = (ServerModule)Add("server", at => new ServerModule(at, this));
        PanicTarget = own.PanicLeaf;
        Add("transport", at => new TransportModule(at, Engine.Midi, Engine.JackTransport));
        audio = AddAudio();
        AddMidi();
        var vault = (Vault.VaultModule)Add("vault", at => new Vault.VaultModule(at, this));
        Vault.Changed = () => vault.Show(Vault);
        var session = (Vault.SessionModule)Add("session", at => new Vault.SessionModule(at, this));
        Vault.SessionChanged = session.Show;
        Realm = new Realm.Realm(this, options.ModulesFolder.Length > 0 ? options.ModulesFolder : ModuleLibrary.Beside);
        Add("realm", Realm.Declare);
        foreach (var own in imps) Realm.Stage.AddOwn(own);
        if (Vault.IsOpen) Realm.Memory = Vault;
        Vault.RestoreOwn();
        Realm.Wake(modules);
        Vault.RestoreRest();
    }

    /// <summary>[any] What modules are prepared for.</summary>
    public AudioFormat Format { get; }
    /// <summary>[main] The audio side.</summary>
    public Engine Engine { get; }
    /// <summary>[main] Every address.</summary>
    public AddressSpace Space { get; } = new();
    /// <summary>[any] Files that clients may touch.</summary>
    public Folders Folders { get; }
    /// <summary>[main] What is loaded, by slot: server, transport, audio, then the modules.</summary>
    public IReadOnlyList<ImpSlot> Imps => imps;
    /// <summary>[main] Told of long work: which address, and how far (0..1).</summary>
    public Action<string, double>? Progressed { get; set; }
    /// <summary>[main] Told of every line of the log.</summary>
    public Action<LogLevel, string>? Logged { get; set; }

    /// <summary>[any] What could not be kept.</summary>
    public Losses Losses { get; } = new();

    internal Vault.Vault Vault { get; }
    /// <summary>[main] Who keeps the modules alive.</summary>
    public Realm.Realm Realm { get; }

    internal Timing Timing { get; }
    internal AudioGate Gate { get; }
    internal Postman Postman { get; }
    internal Workers Workers { get; }
    internal Subscriptions Subscriptions { get; }
    internal Tickets Tickets { get; } = new();
    internal Agenda Agenda { get; } = new();
    internal int PanicTarget { get; }
    /// <summary>[main] The audio side stands still in the code of an imp: which and where; empty while it plays.</summary>
    internal string AudioHang { get; private set; } = "";
    internal bool IsTracing => own.IsTracing;
    internal long Unanswered => dispatcher.Unanswered;
    internal ServerOptions Options => options;

    /// <summary>[main] A client in this process, without sockets.</summary>
    public LocalClient Connect(string name) => Connect(name, isDistant: false);

    /// <summary>[main] The same; distant = it stands for one behind a cable that may change the order of what it carries (tests).</summary>
    internal LocalClient Connect(string name, bool isDistant)
    {
        var client = new LocalClient(NextClientId(), name, dispatcher, isDistant);
        Welcome(client);
        return client;
    }

    /// <summary>[main] In a render: the next frame at which the main side has something to do; long.MaxValue when there is none.</summary>
    public long NextFrame => Agenda.Next;

    /// <summary>[main] Puts down an imp: its branch, its module, its addresses.</summary>
    internal Module Add(string name, Func<Branch, Module> make)
    {
        var slot = TakeSlot();
        var desk = new ImpDesk(this, name, slot);
        var tree = new Tree(name, desk, Format, ModuleSettings);
        var module = make(tree.Root);
        tree.Audio.ImpBits = slot << Event.LeafBits;
        Merge(new ImpSlot(slot, tree, module), new ImpSpace(slot, tree));
        desk.Merged();
        OwnImps++;
        return module;
    }

    internal ImpSlot? ImpOf(int target)
    {
        var slot = target >> Event.LeafBits;
        foreach (var imp in imps)
            if (imp.Slot == slot) return imp;
        return null;
    }

    internal int NextClientId() => nextClient++;

    internal void Welcome(Client client) => clients[client.Id] = client;

    /// <summary>[main] A client has gone: its subscriptions end, its jobs go on unheard.</summary>
    internal void Farewell(Client client)
    {
        if (client.IsGone) return;
        client.IsGone = true;
        clients.Remove(client.Id);
        Subscriptions.End(client);
    }

    internal void ShowProgress(string address, double fraction) => Progressed?.Invoke(address, fraction);

    internal ModuleSettings ModuleSettings => new(options.Channels, MemoryBytes(), !options.Quiet && !Console.IsOutputRedirected, options.SoundFont, SessionsFolder());

    string SessionsFolder() => options.SessionsFolder.Length > 0 || options.Vault.Length == 0 ? options.SessionsFolder : OscLooper.Server.Vault.Vault.SessionsIn(options.Vault);

    long MemoryBytes() => options.MemoryMib > 0
        ? (long)options.MemoryMib << 20
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>[main] Ends everything; no thread may process audio any more.</summary>
    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        CloseNetwork();
        Workers.Dispose();
        Realm.Dispose();
        Engine.Dispose();
        foreach (var imp in imps.Take(OwnImps)) imp.Module.Dispose();
        Vault.Dispose();
        watch?.Dispose();
    }
}
