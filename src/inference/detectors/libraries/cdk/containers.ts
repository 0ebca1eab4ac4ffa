import { propertyOf, type Resource, text, textOf, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import { keptCommand } from '../../../code/redact.ts';
import type { CodeRun, Said } from '../../../detector.ts';
import { bringContainers, type ContainerDraft, nameFor, variablesOf } from '../deployed.ts';
import { argsOf, constructIn, dataOf, isSaid, type Kind, originOf, saidOf, textIn } from './constructs.ts';

const UNITS_PER_CORE = 1024;

/** What a container is made of: a folder that is built, or somebody's image. */
function imageOf(it: Value | undefined): Pick<ContainerDraft, 'image' | 'build'> {
  if (isSaid(it, /\.(ContainerImage\.fromAsset|AssetImage|DockerImageCode\.fromImageAsset)$/)) {
    const [folder, options] = argsOf(it);
    const path = textOf(folder);
    return path === undefined ? {} : { build: { folder: path, dockerfile: textIn(options, 'file') ?? 'Dockerfile' } };
  }
  if (isSaid(it, /\.ContainerImage\.fromDockerImageAsset$/)) return assetOf(argsOf(it)[0]);
  const name = isSaid(it, /\.ContainerImage\.fromRegistry$/) ? textOf(argsOf(it)[0]) : undefined;
  return name === undefined ? {} : { image: name };
}

function assetOf(it: Value | undefined): Pick<ContainerDraft, 'build'> {
  const asset = constructIn(it);
  const folder = asset && textIn(dataOf(asset).props, 'directory');
  return folder === undefined ? {} : { build: { folder, dockerfile: (asset && textIn(dataOf(asset).props, 'file')) ?? 'Dockerfile' } };
}

/** A container of a task definition, or the options of a pattern that makes one. */
interface Box {
  name: string | undefined;
  options: Value | undefined;
}

const boxesOf = (task: Resource | undefined): readonly Box[] => (task?.data.boxes as Box[] | undefined) ?? [];

const words = (it: Value | undefined): string => (it?.t === 'list' ? it.items.map((one) => textOf(one) ?? '*').join(' ') : '');

/** CPU of a container: its own share of the task's, or all of it where it is alone. */
function coresOf(box: Box, task: Value | undefined, isAlone: boolean): Said<number> | undefined {
  const units = saidOf(toldNumber(box.options, 'cpu')) ?? (isAlone ? saidOf(toldNumber(task, 'cpu')) : undefined);
  return units && { value: units.value / UNITS_PER_CORE, place: units.place };
}

/** A service and all that is said of it until the program ends. */
interface ServiceData {
  /** Options of the service itself. */
  props: Value | undefined;
  /** What holds CPU. */
  task(): Value | undefined;
  boxes(): readonly Box[];
  isPublic: boolean;
  scaling?: Value | undefined;
  target?: Value | undefined;
}

function bringService(of: Resource, service: ServiceData, run: CodeRun): void {
  const it = dataOf(of);
  it.name = nameFor(it.path, run, it.stage?.name);
  of.data.service = service;
  bringContainers(() => draftsOf(of, service, run), originOf(of), run);
}

function draftsOf(of: Resource, service: ServiceData, run: CodeRun): ContainerDraft[] {
  const it = dataOf(of);
  const boxes = service.boxes();
  const desired = saidOf(toldNumber(service.props, 'desiredCount'));
  const [least, most] = service.scaling ? [saidOf(toldNumber(service.scaling, 'minCapacity')), saidOf(toldNumber(service.scaling, 'maxCapacity'))] : [];
  const percent = service.target && saidOf(toldNumber(service.target, 'targetUtilizationPercent'));
  // Under load an autoscaler goes to its limit, and what breaks is asked there.
  const replicas = most ?? desired;
  return boxes.map((box, index) => {
    const name = box.name ?? '';
    const cores = coresOf(box, service.task(), boxes.length === 1);
    const command = keptCommand([propertyOf(box.options, 'entryPoint'), propertyOf(box.options, 'command')].map(words).join(' ').trim());
    return {
      name: index === 0 ? it.name : `${it.name}-${name || index + 1}`,
      aliases: [name, textIn(service.props, 'serviceName') ?? ''].filter((one) => index === 0 && one !== '' && one !== it.name),
      ...imageOf(propertyOf(box.options, 'image')),
      ...(command && { command }),
      environment: variablesOf(propertyOf(box.options, 'environment'), run, of.place),
      hasPorts: index === 0 && service.isPublic,
      ...(replicas && { replicas }),
      ...(least && percent && cores && { autoscaling: { least, targetCores: { value: (cores.value * percent.value) / 100, place: percent.place } } }),
      ...(cores && { cores }),
      hasHealthcheck: propertyOf(box.options, 'healthCheck') !== undefined,
      place: of.place,
    };
  });
}

const dataOfService = (of: Resource): ServiceData | undefined => of.data.service as ServiceData | undefined;

const onService: NonNullable<Kind['on']> = (of, it, run) => {
  const service = dataOfService(of);
  if (it.name === 'autoScaleTaskCount' && service) {
    service.scaling = it.args[0];
    return run.make('Scaling', it.place, { service });
  }
  if (/^(attachToApplicationTargetGroup|attachToNetworkTargetGroup|registerLoadBalancerTargets)$/.test(it.name) && service) service.isPublic = true;
  return UNKNOWN;
};

/** `scalable.scaleOnCpuUtilization('cpu', { targetUtilizationPercent: 60 })`. */
export function onScaling(of: Resource, name: string, args: readonly Value[]): Value {
  if (name === 'scaleOnCpuUtilization') (of.data.service as ServiceData).target = args[1];
  return UNKNOWN;
}

const memberOfService: NonNullable<Kind['member']> = (of, name, run) => {
  if (name === 'service') return of;
  if (name === 'loadBalancer') return run.make('Balancer', of.place, { host: dataOf(of).name, of });
  if (/^(taskDefinition)$/.test(name)) return of.data.task as Value | undefined;
  return undefined;
};

const task: Kind = {
  make: (of) => {
    of.data.boxes = [];
  },
  on: (of, it, run) => {
    if (it.name !== 'addContainer') return UNKNOWN;
    const name = textOf(it.args[0]);
    (of.data.boxes as Box[]).push({ name, options: it.args[1] });
    return run.make('Container', it.place, {});
  },
};

const service: Kind = {
  make: (of, run) => {
    const { props } = dataOf(of);
    const definition = constructIn(propertyOf(props, 'taskDefinition'));
    of.data.task = definition;
    if (!definition) {
      run.claim({ kind: 'unclear', message: 'What this service runs could not be read.', place: of.place });
      return;
    }
    bringService(of, { props, task: () => dataOf(definition).props, boxes: () => boxesOf(definition), isPublic: false }, run);
  },
  on: onService,
  member: memberOfService,
};

/** A service with what stands around it, as patterns make it at once. */
const pattern = (isPublic: boolean): Kind => ({
  make: (of, run) => {
    const { props } = dataOf(of);
    const definition = constructIn(propertyOf(props, 'taskDefinition'));
    const options = propertyOf(props, 'taskImageOptions') ?? props;
    const boxes = (): readonly Box[] => (definition ? boxesOf(definition) : [{ name: textIn(options, 'containerName'), options }]);
    of.data.task = definition;
    bringService(of, { props, task: () => (definition ? dataOf(definition).props : props), boxes, isPublic }, run);
  },
  on: onService,
  member: memberOfService,
});

/** What a balancer leads to is asked from outside. */
export function leadTo(targets: readonly Value[]): void {
  for (const it of targets) {
    const target = constructIn(it) ?? (it.t === 'resource' && it.type === 'Said' ? constructIn(argsOf(it)[0]) : undefined);
    const own = target && dataOfService(target);
    if (own) own.isPublic = true;
  }
}

export const hostOf = (of: Resource): Value => text(String(of.data.host));

export const CONTAINERS: Readonly<Record<string, Kind>> = {
  'aws_ecs.FargateTaskDefinition': task,
  'aws_ecs.Ec2TaskDefinition': task,
  'aws_ecs.TaskDefinition': task,
  'aws_ecs.FargateService': service,
  'aws_ecs.Ec2Service': service,
  'aws_ecs_patterns.ApplicationLoadBalancedFargateService': pattern(true),
  'aws_ecs_patterns.ApplicationLoadBalancedEc2Service': pattern(true),
  'aws_ecs_patterns.NetworkLoadBalancedFargateService': pattern(true),
  'aws_ecs_patterns.NetworkLoadBalancedEc2Service': pattern(true),
  'aws_ecs_patterns.QueueProcessingFargateService': pattern(false),
};
