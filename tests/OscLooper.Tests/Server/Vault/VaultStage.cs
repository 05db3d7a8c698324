using Newtonsoft.Json.Linq;
using OscLooper.Server;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Vault;

/// <summary>A folder for a vault, and servers that come and go over it.</summary>
sealed class VaultStage : IDisposable
{
    readonly TemporaryFolder folder = new();
    int crashes;

    public string Folder { get; private set; }

    public VaultStage() => Folder = folder["vault"];

    /// <summary>As if every process had died now: what lies there is what the next server finds (the one that lives goes on beside it).</summary>
    public void Crash() => Folder = Image(folder[$"vault {++crashes}"]);

    /// <summary>What lies there is forgotten: a new vault.</summary>
    public void Clear()
    {
        Folder = folder[$"vault {++crashes}"];
        Directory.CreateDirectory(Folder);
    }

    /// <summary>A copy of what lies there now, byte for byte, also of the lock.</summary>
    public string Image(string to)
    {
        Directory.CreateDirectory(to);
        foreach (var inside in Directory.GetDirectories(Folder, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(Folder, inside)));
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            // (The lock is locked; reading it asks for none.)
            using var from = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(OscLooper.Dsp.Disk.OpenUnlocked(file), ownsHandle: true), FileAccess.Read);
            using var copy = File.Create(Path.Combine(to, Path.GetRelativePath(Folder, file)));
            from.CopyTo(copy);
        }
        return to;
    }
    public MemoModule Memo { get; private set; } = null!;
    public string Greeting { get; private set; } = "";
    public List<string> Lines { get; } = [];
    /// <summary>What the ready line says.</summary>
    public string Standing { get; private set; } = "";
    public string this[string name] => Path.Combine(Folder, name);

    public Rig Start(string? session = "", params (string Name, Func<Branch, Module> Make)[] modules)
    {
        Lines.Clear();
        var rig = new Rig(new ServerOptions { Vault = Folder, Session = session, Channels = 2 }, modules.Length > 0 ? modules : [("memo", at => Memo = new MemoModule(at))]);
        rig.Server.Logged = (level, line) => { if (level >= LogLevel.Warning) Lines.Add(line); };
        Standing = rig.Server.Vault.Standing;
        Lines.AddRange(rig.Server.Vault.Findings.Where(f => f.Level >= LogLevel.Warning).Select(f => f.Text));
        Greeting = string.Join('\n', rig.Server.Vault.Findings.Where(f => f.Level == LogLevel.Info).Select(f => f.Text));
        return rig;
    }

    /// <summary>Saves, and gives the number of what is safe.</summary>
    public static long Save(Rig rig)
    {
        var reply = rig.Call("/vault/save")[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
        return reply.Arguments[1].Whole;
    }

    public JObject Document(string name = "vault.json") => OscLooper.Server.Vault.VaultText.Parse(File.ReadAllBytes(this[name]));

    public void Dispose() => folder.Dispose();
}
