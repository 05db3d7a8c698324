using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Commands;

/// <summary>[main] A driver that plays an engine; whatever happens, it stops before the engine's memory goes.</summary>
sealed class Playing : IDisposable
{
    readonly IAudioDriver driver;

    public Playing(IAudioDriver driver, Engine engine) => (this.driver = driver).Start(engine);

    public void Dispose() => driver.Stop();
}
