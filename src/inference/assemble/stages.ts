/** Words in names of files and folders that say for whom a deployment is. */
export const DEVELOPMENT = /(^|[.\-_/])(dev|devel|develop|devcontainer|development|local|test|tests|testing|ci|e2e|load|debug|override|sandbox|bench|example)([.\-_/]|$)/i;
/** A file for `docker stack deploy` is meant for servers. */
export const PRODUCTION = /(^|[.\-_/])(prod|production|live)([.\-_/]|$)|^docker-stack/i;
