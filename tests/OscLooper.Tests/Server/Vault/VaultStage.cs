using Newtonsoft.Json.Linq;
using OscLooper.Server;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Vault;

/// <summary>A folder for a vault, and servers that come and go over it.</summary>
sealed class VaultStage : IDisposable
{
    readonly TemporaryFolder folder = new();

    public string Folder => folder["vault"];
    public MemoModule Memo { get; private set; } = null!;
    public string Greeting { get; private set; } = "";
    public List<string> Lines { get; } = [];
    public string this[string name] => Path.Combine(Folder, name);

    public Rig Start(string session = "", params (string Name, Func<Branch, Module> Make)[] modules)
    {
        Lines.Clear();
        var rig = new Rig(new ServerOptions { Vault = Folder, Session = session, Channels = 2 }, modules.Length > 0 ? modules : [("memo", at => Memo = new MemoModule(at))]);
        rig.Server.Logged = (level, line) => { if (level >= LogLevel.Warning) Lines.Add(line); };
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
