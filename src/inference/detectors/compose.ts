import { keptArgument, keptCommand, keptVariable } from '../code/redact.ts';
import type { FileClaim, FileDetector, Said, ServiceClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

type Json = Record<string, unknown>;
const isObject = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it);
const isText = (it: unknown): it is string => typeof it === 'string';
const texts = (it: unknown): string[] => (isText(it) ? [it] : Array.isArray(it) ? it.filter(isText) : isObject(it) ? Object.keys(it) : []);

/** Docker Compose: services with what they run, how often, and with which (reduced) environment. */
export default {
  id: 'compose',
  matches: (path) => /^(docker-)?compose([._-][\w.-]+)?\.ya?ml$|^docker-stack[\w.-]*\.ya?ml$/i.test(nameOf(path)),
  detect(path, text) {
    const yaml = readYaml(path, text);
    const services = isObject(yaml.value) ? yaml.value.services : undefined;
    const included = isObject(yaml.value) ? filesIn(yaml.value.include, folderOf(path)) : [];
    const claims: FileClaim[] = included.length > 0 ? [{ kind: 'include', files: included }] : [];
    if (isObject(services)) claims.push(...Object.entries(services).flatMap(([name, it]) => (isObject(it) ? [serviceOf(path, name, it, yaml)] : [])));
    return { claims, problems: yaml.problems };
  },
} satisfies FileDetector;

const filesIn = (it: unknown, folder: string): string[] =>
  (Array.isArray(it) ? it : []).flatMap((entry) => (isObject(entry) ? texts(entry.path) : texts(entry)).map((file) => joinPath(folder, file)));

function serviceOf(path: string, name: string, it: Json, yaml: YamlReading): ServiceClaim {
  const at = ['services', name];
  const folder = folderOf(path);
  const deploy = isObject(it.deploy) ? it.deploy : {};
  const limits = isObject(deploy.resources) && isObject(deploy.resources.limits) ? deploy.resources.limits : {};
  const replicas = numberAt(deploy.replicas, [...at, 'deploy', 'replicas'], yaml) ?? numberAt(it.scale, [...at, 'scale'], yaml);
  const cores = numberAt(limits.cpus, [...at, 'deploy', 'resources', 'limits', 'cpus'], yaml) ?? numberAt(it.cpus, [...at, 'cpus'], yaml);
  const build = buildOf(it.build, folder);
  const command = commandText(it.entrypoint, it.command);
  const profiles = Array.isArray(it.profiles) ? it.profiles.filter(isText) : [];
  const extended = extendsOf(it.extends, folder);
  return {
    kind: 'service',
    name,
    ...(isText(it.image) && { image: it.image }),
    ...(build && { build }),
    ...(command && { command }),
    environment: environmentOf(it.environment, [...at, 'environment'], yaml),
    envFiles: [...mountedEnvFiles(it.volumes), ...(Array.isArray(it.env_file) ? it.env_file : [it.env_file])]
      .flatMap((file) => (isText(file) ? [file] : isObject(file) && isText(file.path) ? [file.path] : []))
      .map((file) => joinPath(folder, file)),
    dependsOn: texts(it.depends_on),
    aliases: [it.container_name, it.hostname].filter(isText).concat(networkAliases(it.networks)),
    hasPorts: Array.isArray(it.ports) && it.ports.length > 0,
    hostPorts: hostPortsOf(it.ports),
    ...(replicas && { replicas }),
    ...(isText(it.container_name) && { fixedName: yaml.placeAt([...at, 'container_name']) }),
    ...(cores && { cores }),
    mountsSource: texts(it.volumes).some((volume) => /^\.{1,2}(\/[\w./-]*)?:/.test(volume)),
    hasHealthcheck: isObject(it.healthcheck),
    isRouted: texts(it.labels).some((label) => /^traefik\.\w+\.routers\./.test(label)),
    ...routingOf(it.labels, [...at, 'labels'], yaml),
    ...(isText(it.working_dir) && { workingDirectory: it.working_dir }),
    ...(extended && { extends: extended }),
    ...(profiles.length > 0 && { profiles }),
    place: yaml.placeAt(at),
  };
}

/** `./.env:/app/.env`: what the code itself reads at its start. */
const mountedEnvFiles = (volumes: unknown): string[] =>
  texts(volumes).flatMap((it) => {
    const [from = '', to = ''] = it.split(':');
    return /^\.{1,2}\//.test(from) && nameOf(from).startsWith('.env') && nameOf(to).startsWith('.env') ? [from] : [];
  });

const ROUTING = /^traefik\.http\.(routers\.[\w-]+\.middlewares|middlewares\.[\w-]+\.(ratelimit|inflightreq|chain)\.[\w.]+)$/;

/** Labels that limit what Traefik passes on; users and other secrets stand in others. */
function routingOf(it: unknown, at: readonly (string | number)[], yaml: YamlReading): Pick<ServiceClaim, 'routing'> {
  const entries: [string, string, string | number][] = Array.isArray(it)
    ? it
        .filter(isText)
        .flatMap((line, index): [string, string, number][] => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1), index]] : []))
    : isObject(it)
      ? Object.entries(it).map(([name, value]) => [name, String(value), name])
      : [];
  const kept = entries.filter(([name]) => ROUTING.test(name.toLowerCase()));
  return kept.length === 0 ? {} : { routing: Object.fromEntries(kept.map(([name, value, key]) => [name.toLowerCase(), { value, place: yaml.placeAt([...at, key]) }])) };
}

function extendsOf(it: unknown, folder: string): ServiceClaim['extends'] {
  if (isText(it)) return { service: it };
  if (!isObject(it) || !isText(it.service)) return undefined;
  return { service: it.service, ...(isText(it.file) && { file: joinPath(folder, it.file) }) };
}

function buildOf(it: unknown, folder: string): ServiceClaim['build'] {
  if (isText(it)) return { context: joinPath(folder, it), dockerfile: joinPath(folder, it, 'Dockerfile') };
  if (!isObject(it)) return undefined;
  const context = joinPath(folder, isText(it.context) ? it.context : '.');
  const args = argumentsOf(it.args);
  return {
    context,
    dockerfile: joinPath(context, isText(it.dockerfile) ? it.dockerfile : 'Dockerfile'),
    ...(isText(it.target) && { target: it.target }),
    ...(Object.keys(args).length > 0 && { args }),
  };
}

/** `{ NAME: value }` or `NAME=value`: https://docs.docker.com/reference/compose-file/build/#args. */
function argumentsOf(it: unknown): Record<string, string> {
  const entries = Array.isArray(it)
    ? it.filter(isText).map((line) => line.split(/=(.*)/s))
    : isObject(it)
      ? Object.entries(it).map(([name, value]) => [name, String(value ?? '')])
      : [];
  return Object.fromEntries(entries.filter(([name = '', value = '']) => keptArgument(name, value) !== null));
}

const wordsOf = (it: unknown): string => (isText(it) ? it : Array.isArray(it) ? it.filter(isText).join(' ') : '');
const commandText = (entrypoint: unknown, command: unknown): string => keptCommand([wordsOf(entrypoint), wordsOf(command)].filter(Boolean).join(' '));

function networkAliases(it: unknown): string[] {
  return isObject(it) ? Object.values(it).flatMap((network) => (isObject(network) ? texts(network.aliases) : [])) : [];
}

function environmentOf(it: unknown, at: readonly string[], yaml: YamlReading): Record<string, Said<string>> {
  const entries: [string, string, (string | number)[]][] = Array.isArray(it)
    ? it.flatMap((line, index): [string, string, (string | number)[]][] => {
        if (!isText(line)) return [];
        const mark = line.indexOf('=');
        return mark < 0 ? [[line, passedOn(line), [...at, index]]] : [[line.slice(0, mark), line.slice(mark + 1), [...at, index]]];
      })
    : isObject(it)
      ? Object.entries(it).map(([name, value]) => [name, value === null ? passedOn(name) : String(value), [...at, name]])
      : [];
  return Object.fromEntries(
    entries.flatMap(([name, value, path]) => {
      const kept = keptVariable(name, value);
      return kept === null || kept === '' ? [] : [[name, { value: kept, place: yaml.placeAt(path) }]];
    }),
  );
}

/** A name without a value is passed on from where compose is started. https://docs.docker.com/reference/compose-file/services/#environment */
const passedOn = (name: string): string => `\${${name}}`;

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `${PORT:-8080}:80`, `{ published: 8080 }`. */
function hostPortsOf(it: unknown): number[] {
  return (Array.isArray(it) ? it : []).flatMap((port) => {
    const text = isObject(port) ? String(port.published ?? '') : String(port);
    const plain = text.replace(/\$\{\w+:?-([^}]*)\}/g, '$1').replace(/\/\w+$/, '');
    const parts = plain.split(':');
    const host = Number(isObject(port) ? plain : parts.length > 1 ? parts.at(-2) : Number.NaN);
    return Number.isInteger(host) && host > 0 ? [host] : [];
  });
}

function numberAt(it: unknown, path: readonly string[], yaml: YamlReading): Said<number> | undefined {
  const value = typeof it === 'number' ? it : isText(it) && it.trim() !== '' ? Number(/^\$\{\w+:?-([\d.]+)\}$/.exec(it)?.[1] ?? it) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? { value, place: yaml.placeAt(path) } : undefined;
}
